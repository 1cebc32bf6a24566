-- Lua copies the whole string on every `..`, so a table collects the pieces, as its manual advises.
local pieces = {}
for i = 0, 199999 do
  pieces[#pieces + 1] = "t" .. i .. " "
end
local text = table.concat(pieces)
local count, total, from = 0, 0, 1
while true do
  local at = text:find(" ", from, true)
  local part = at and text:sub(from, at - 1) or text:sub(from)
  count, total = count + 1, total + #part
  if not at then
    break
  end
  from = at + 1
end
print(count .. " " .. total)
