local total = 0
for i = 0, 2999 do
  for j = 0, 2999 do
    total = total + i * j
  end
end
print(math.tointeger and math.tointeger(total) or string.format("%.0f", total))
