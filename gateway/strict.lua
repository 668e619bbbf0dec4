-- Reads a JSON request body and the query strictly, before the transcoder, which forgives single quotes, trailing commas, keys
-- that are there twice and keys that nobody knows. Where a surface is strict, types are checked as well, which the transcoder
-- bends: a string for a list, "yes" for true, a number for an enum. The rest is left to the transcoder and the server.
--
-- A shape is what is known of a value: `fields` of an object, each a shape or true; `kind`, one of VALUE_KINDS, with the `item`
-- of a list and the `values` of an enum (`said` names them); {} where anything may stand.

local MAX_DEPTH = 32

local function shortened(text)
  return #text > 80 and sub(text, 1, 80) .. "..." or text
end

local function at_character(text, at)
  if at > #text then return "it ends too early" end
  return "unexpected '" .. string.match(text, "^[%z\1-\127\194-\244][\128-\191]*", at) .. "' at character " .. at
end

-- Every problem below is nil and up to three more: the sentence, the constraint, and the path of the field as far as it is known.
-- A sentence that begins with a blank wants the path before it.

local function bad_json(text, at)
  if find(text, "^[\128-\191\192\193\245-\255]", at) then
    return nil, "The request body is not valid JSON: it is no UTF-8.", "format"
  end
  return nil, "The request body is not valid JSON: " .. at_character(text, at) .. ".", "format"
end

local function past_space(text, at)
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

local function known_names(known)
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names)
  return #names == 0 and "None is." or "Known are " .. concat(names, ", ") .. "."
end

-- ------------------------------------------------------------------------------------------------------------- types

local A_MOMENT = "a date and time such as 2026-01-20T12:00:00Z"

-- What people are told that a value must be, and how it begins.
local VALUE_KINDS = {
  string = { "a string", '^"' }, number = { "a number", "^[-%d]" }, whole = { "a whole number", "^[-%d]" },
  boolean = { "true or false", "^[tf]" }, list = { "a list", "^%[" }, object = { "an object", "^{" },
  enum = { "", '^"' }, moment = { A_MOMENT, '^"' },
}

local function shown(text, at)
  local kind = byte(text, at)
  if kind == OPEN then return "an object" end
  if kind == OPEN_LIST then return "a list" end
  return shortened(string.match(text, kind == QUOTE and '^"[^"]*"?' or "^[^,%]} \t\r\n]*", at))
end

local function is_moment(text, at)
  local zone = select(2, find(text, '^"%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d', at))
  if not zone then return false end
  zone = select(2, find(text, "^%.%d+", zone + 1)) or zone
  return find(text, '^Z"', zone + 1) or find(text, '^[+-]%d%d:%d%d"', zone + 1)
end

-- Null stands for an absent value, but not in a list.
local function type_problem(text, at, shape, in_list)
  local word = string.match(text, "^%l+", at)
  if word == "null" and not in_list then return nil end
  -- What is no JSON at all is found, and told, by whoever reads on.
  if not find(text, '^["%[{%d-]', at) and word ~= "true" and word ~= "false" and word ~= "null" then return nil end
  local kind = shape.kind
  local wanted = VALUE_KINDS[kind][1]
  if kind == "enum" then
    local value = string.match(text, '^"([^"\\]*)"', at)
    if value and shape.values[value] then return nil end
    return " must be one of " .. shape.said .. ", not " .. shown(text, at) .. ".", "enum"
  end
  if not find(text, VALUE_KINDS[kind][2], at) then
    return " must be " .. wanted .. ", not " .. shown(text, at) .. ".", "type"
  end
  if kind == "moment" and not is_moment(text, at) then
    return " must be " .. wanted .. ", not " .. shown(text, at) .. ".", "format"
  end
  return nil
end

-- ------------------------------------------------------------------------------------------------------------ scanning

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

local function joined(key, path)
  if not path or path == "" then return key end
  return byte(path) == OPEN_LIST and key .. path or key .. "." .. path
end

local scan

local function scan_list(text, at, shape, depth)
  -- Where types are not checked, a list's shape is that of its items.
  local item, index = shape and (shape.item or (not shape.kind and shape)) or nil, 0
  at = past_space(text, at + 1)
  if byte(text, at) == CLOSE_LIST then return at + 1 end
  while true do
    local after, problem, constraint, path = scan(text, at, item, depth + 1, true)
    if not after then return nil, problem, constraint, path and joined("[" .. index .. "]", path) end
    at = past_space(text, after)
    local kind = byte(text, at)
    if kind == CLOSE_LIST then return at + 1 end
    if kind ~= COMMA then return bad_json(text, at) end
    at, index = past_space(text, at + 1), index + 1
  end
end

local function key_problem(key, seen, known)
  if seen[key] then return "The field '" .. shortened(key) .. "' is given twice.", "repeated" end
  if known and not known[key] then
    return "The field '" .. shortened(key) .. "' is not known. " .. known_names(known), "unknown"
  end
  return nil
end

local function scan_object(text, at, shape, depth)
  local seen, known = {}, shape and shape.fields
  at = past_space(text, at + 1)
  if byte(text, at) == CLOSE then return at + 1 end
  while true do
    if byte(text, at) ~= QUOTE then return bad_json(text, at) end
    local after, problem, constraint, path = scan_string(text, at)
    if not after then return nil, problem, constraint end
    local key = sub(text, at + 1, after - 2)
    problem, constraint = key_problem(key, seen, known)
    if problem then return nil, problem, constraint, key end
    seen[key] = true
    at = past_space(text, after)
    if byte(text, at) ~= 58 then return bad_json(text, at) end
    local child = known and known[key]
    after, problem, constraint, path = scan(text, past_space(text, at + 1), child ~= true and child or nil, depth + 1)
    if not after then return nil, problem, constraint, joined(key, path) end
    at = past_space(text, after)
    local kind = byte(text, at)
    if kind == CLOSE then return at + 1 end
    if kind ~= COMMA then return bad_json(text, at) end
    at = past_space(text, at + 1)
  end
end

function scan(text, at, shape, depth, in_list)
  if depth > MAX_DEPTH then return nil, "The request body is nested too deeply.", "format" end
  if shape and shape.kind then
    local problem, constraint = type_problem(text, at, shape, in_list)
    if problem then return nil, problem, constraint, "" end
  end
  local kind = byte(text, at)
  if kind == QUOTE then return scan_string(text, at) end
  if kind == OPEN then return scan_object(text, at, shape, depth) end
  if kind == OPEN_LIST then return scan_list(text, at, shape, depth) end
  for _, word in ipairs({ "true", "false", "null" }) do
    if sub(text, at, at + #word - 1) == word then return at + #word end
  end
  return scan_number(text, at)
end

-- Returns what is wrong with a body, the constraint that it breaks and the field; or nothing. `shape` is that of the object.
local function json_problem(text, shape)
  local at = past_space(text, 1)
  if text == "" then return nil end
  local after, problem, constraint, path = scan(text, at, shape, 0)
  if not after then
    if byte(problem) == 32 then problem = "'" .. shortened(path) .. "'" .. problem end
    return problem, constraint, path and gsub(path, "%[%d+%]", "")
  end
  after = past_space(text, after)
  if after <= #text then return select(2, bad_json(text, after)) end
  if byte(text, at) ~= OPEN then return "The request body must be a JSON object.", "type" end
  return nil
end

-- Returns what is wrong with the query, the constraint that it breaks and the parameter; or nothing.
local function query_problem(query, known)
  local seen = {}
  for pair in string.gmatch(query, "[^&]+") do
    local name = percent_decoded((gsub(string.match(pair, "^[^=]*"), "+", " ")))
    local shape = known[name]
    if not shape then
      return "The query parameter '" .. shortened(name) .. "' is not known. " .. known_names(known), "unknown", name
    end
    if shape ~= true then
      if seen[name] then return "'" .. name .. "' is given more than once.", "repeated", name end
      seen[name] = true
      local value = shape.values and percent_decoded((gsub(string.match(pair, "=(.*)$") or "", "+", " ")))
      if value and not shape.values[value] then
        return "'" .. name .. "' must be one of " .. shape.said .. ", not " .. shortened(value) .. ".", "enum", name
      end
    end
  end
  return nil
end
