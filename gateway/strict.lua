-- Reads a JSON request body strictly, before the transcoder, which forgives single quotes, trailing commas, keys that are
-- there twice and keys that nobody knows. What a value must be is left to the transcoder and the server.

local MAX_DEPTH = 32

local function shortened(text)
  return #text > 80 and sub(text, 1, 80) .. "..." or text
end

local function at_character(text, at)
  if at > #text then return "it ends too early" end
  return "unexpected '" .. string.match(text, "^[%z\1-\127\194-\244][\128-\191]*", at) .. "' at character " .. at
end

local function bad_json(text, at)
  if find(text, "^[\128-\191\192\193\245-\255]", at) then
    return nil, "The request body is not valid JSON: it is no UTF-8.", "format"
  end
  return nil, "The request body is not valid JSON: " .. at_character(text, at) .. ".", "format"
end

local function past_space(text, at)
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

local function scan_string(text, at)
  local from = at + 1
  while true do
    local found = find(text, '[%z\1-\31"\\]', from)
    if not found then return bad_json(text, #text + 1) end
    local kind = byte(text, found)
    if kind == QUOTE then return found + 1 end
    if kind ~= BACKSLASH then
      return nil, "The request body is not valid JSON: a line break or control character stands in a string.", "format"
    end
    if find(text, '^["\\/bfnrt]', found + 1) then
      from = found + 2
    elseif find(text, "^u0000", found + 1) then
      return nil, "The request body holds a NUL character.", "format"
    elseif find(text, "^u%x%x%x%x", found + 1) then
      from = found + 6
    else
      return bad_json(text, found)
    end
  end
end

local function scan_number(text, at)
  local last = select(2, find(text, "^-?%d+", at))
  if not last or find(text, "^-?0%d", at) then return bad_json(text, at) end
  last = select(2, find(text, "^%.%d+", last + 1)) or last
  last = select(2, find(text, "^[eE][+-]?%d+", last + 1)) or last
  local digits = sub(text, at, last)
  if math.abs(tonumber(digits)) == math.huge then
    return nil, "The number " .. shortened(digits) .. " is too large.", "maximum"
  end
  return last + 1
end

local scan

local function scan_list(text, at, known, depth)
  at = past_space(text, at + 1)
  if byte(text, at) == CLOSE_LIST then return at + 1 end
  while true do
    local after, problem, constraint, field = scan(text, at, known, depth + 1)
    if not after then return nil, problem, constraint, field end
    at = past_space(text, after)
    local kind = byte(text, at)
    if kind == CLOSE_LIST then return at + 1 end
    if kind ~= COMMA then return bad_json(text, at) end
    at = past_space(text, at + 1)
  end
end

local function known_names(known)
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names)
  return #names == 0 and "None is." or "Known are " .. concat(names, ", ") .. "."
end

local function key_problem(key, seen, known)
  if seen[key] then return "The field '" .. shortened(key) .. "' is given twice.", "repeated" end
  if known and not known[key] then
    return "The field '" .. shortened(key) .. "' is not known. " .. known_names(known), "unknown"
  end
  return nil
end

local function scan_object(text, at, known, depth)
  local seen = {}
  at = past_space(text, at + 1)
  if byte(text, at) == CLOSE then return at + 1 end
  while true do
    if byte(text, at) ~= QUOTE then return bad_json(text, at) end
    local after, problem, constraint, field = scan_string(text, at)
    if not after then return nil, problem, constraint end
    local key = sub(text, at + 1, after - 2)
    problem, constraint = key_problem(key, seen, known)
    if problem then return nil, problem, constraint, key end
    seen[key] = true
    at = past_space(text, after)
    if byte(text, at) ~= 58 then return bad_json(text, at) end
    local child = known and known[key]
    after, problem, constraint, field = scan(text, past_space(text, at + 1), child ~= true and child or nil, depth + 1)
    if not after then return nil, problem, constraint, field and key .. "." .. field or key end
    at = past_space(text, after)
    local kind = byte(text, at)
    if kind == CLOSE then return at + 1 end
    if kind ~= COMMA then return bad_json(text, at) end
    at = past_space(text, at + 1)
  end
end

function scan(text, at, known, depth)
  if depth > MAX_DEPTH then return nil, "The request body is nested too deeply.", "format" end
  local kind = byte(text, at)
  if kind == QUOTE then return scan_string(text, at) end
  if kind == OPEN then return scan_object(text, at, known, depth) end
  if kind == OPEN_LIST then return scan_list(text, at, known, depth) end
  for _, word in ipairs({ "true", "false", "null" }) do
    if sub(text, at, at + #word - 1) == word then return at + #word end
  end
  return scan_number(text, at)
end

-- Returns what is wrong with a body, the constraint that it breaks and the field; or nothing. `known` holds the names of the fields, each true or the names below it.
local function json_problem(text, known)
  local at = past_space(text, 1)
  if text == "" then return nil end
  local after, problem, constraint, field = scan(text, at, known, 0)
  if not after then return problem, constraint, field end
  after = past_space(text, after)
  if after <= #text then return select(2, bad_json(text, after)) end
  if byte(text, at) ~= OPEN then return "The request body must be a JSON object.", "type" end
  return nil
end
