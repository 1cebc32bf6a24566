def main():
    text = ""
    for i in range(200000):
        text += "t" + str(i) + " "
    parts = text.split(" ")
    total = 0
    for p in parts:
        total += len(p)
    print(len(parts), total)


main()
