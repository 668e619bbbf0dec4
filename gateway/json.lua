-- JSON as the transcoder prints it: compact, keys are plain proto names.

local byte, find, format, gsub, sub = string.byte, string.find, string.format, string.gsub, string.sub
local concat = table.concat

local QUOTE, COMMA, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE = 34, 44, 92, 91, 93, 123, 125

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return ESCAPES[character] or format("\\u%04x", byte(character))
end

-- Bytes that are no UTF-8 would make the whole body unreadable: each becomes U+FFFD.
local function valid_utf8(text)
  if not find(text, "[\128-\255]") then return text end
  local out, i, length = {}, 1, #text
  while i <= length do
    local whole = find(text, "^[%z\1-\127]", i) and i
      or select(2, find(text, "^[\194-\223][\128-\191]", i))
      or select(2, find(text, "^\224[\160-\191][\128-\191]", i))
      or select(2, find(text, "^\237[\128-\159][\128-\191]", i))
      or select(2, find(text, "^[\225-\236\238\239][\128-\191][\128-\191]", i))
      or select(2, find(text, "^\240[\144-\191][\128-\191][\128-\191]", i))
      or select(2, find(text, "^[\241-\243][\128-\191][\128-\191][\128-\191]", i))
      or select(2, find(text, "^\244[\128-\143][\128-\191][\128-\191]", i))
    out[#out + 1] = whole and sub(text, i, whole) or "\239\191\189"
    i = (whole or i) + 1
  end
  return concat(out)
end

-- Spells a string as JSON, quotes included.
local function json_string(text)
  return '"' .. gsub(valid_utf8(text), '[%z\1-\31"\\\127]', escape) .. '"'
end

local NAMED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Reads back a JSON string that Envoy wrote: quotes included, characters beyond ASCII as they are or as \uXXXX.
local function unquoted(text)
  local inner = gsub(sub(text, 2, -2), "\\u(%x%x%x%x)", function(digits)
    local code = tonumber(digits, 16)
    return code < 128 and code ~= 92 and string.char(code) or "?"
  end)
  return (gsub(inner, "\\(.)", function(kind) return NAMED[kind] or kind end))
end

-- Undoes the percent-encoding of `grpc-message`.
local function percent_decoded(text)
  return (gsub(text, "%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Spells any bytes in those that a header may hold.
local function percent_encoded(text)
  return (gsub(text, "[^%w._%-]", function(character) return format("%%%02X", byte(character)) end))
end

-- The positions below are those of a value's last character. `at` is that of its first.

-- Plain searches and loops over bytes are compiled by LuaJIT, patterns are not.
local function string_end(text, at)
  local from = at + 1
  while true do
    local found = find(text, '"', from, true)
    local before = found - 1
    while byte(text, before) == BACKSLASH do before = before - 1 end
    if (found - before) % 2 == 1 then return found end
    from = found + 1
  end
end

local function nested_end(text, at)
  local depth, here = 0, at
  while true do
    local kind = byte(text, here)
    if kind == QUOTE then
      here = string_end(text, here)
    elseif kind == OPEN or kind == OPEN_LIST then
      depth = depth + 1
    elseif kind == CLOSE or kind == CLOSE_LIST then
      depth = depth - 1
      if depth == 0 then return here end
    end
    here = here + 1
  end
end

local function value_end(text, at)
  local kind = byte(text, at)
  if kind == QUOTE then return string_end(text, at) end
  if kind == OPEN or kind == OPEN_LIST then return nested_end(text, at) end
  local here = at
  repeat
    here = here + 1
    kind = byte(text, here)
  until not kind or kind == COMMA or kind == CLOSE or kind == CLOSE_LIST
  return here - 1
end

local fill

local function fill_list(text, at, schema, out)
  out[#out + 1] = "["
  local here = at + 1
  if byte(text, here) == CLOSE_LIST then
    out[#out + 1] = "]"
    return here
  end
  while true do
    here = fill(text, here, schema, out) + 1
    if byte(text, here) == CLOSE_LIST then
      out[#out + 1] = "]"
      return here
    end
    out[#out + 1] = ","
    here = here + 1
  end
end

-- `schema.nullable` lists keys that are null where absent, `schema.fields` the schemas below, `schema.values` the schema of
-- every value of a map. What has no schema is copied whole.
local function fill_object(text, at, schema, out)
  local fields, values, nullable = schema.fields, schema.values, schema.nullable
  local seen, here, copied, empty = {}, at + 1, at, true
  while byte(text, here) ~= CLOSE do
    if byte(text, here) == COMMA then here = here + 1 end
    empty = false
    local key_end = string_end(text, here)
    local key = sub(text, here + 1, key_end - 1)
    seen[key] = true
    local child = values or (fields and fields[key])
    here = key_end + 2
    if child then
      out[#out + 1] = sub(text, copied, here - 1)
      here = fill(text, here, child, out) + 1
      copied = here
    else
      here = value_end(text, here) + 1
    end
  end
  out[#out + 1] = sub(text, copied, here - 1)
  if nullable then
    for index = 1, #nullable do
      local key = nullable[index]
      if not seen[key] then
        out[#out + 1] = (empty and '"' or ',"') .. key .. '":null'
        empty = false
      end
    end
  end
  out[#out + 1] = "}"
  return here
end

function fill(text, at, schema, out)
  local kind = byte(text, at)
  if kind == OPEN then return fill_object(text, at, schema, out) end
  if kind == OPEN_LIST then return fill_list(text, at, schema, out) end
  local last = value_end(text, at)
  out[#out + 1] = sub(text, at, last)
  return last
end

-- Adds the nulls that the document shows to what the transcoder printed.
local function with_nulls(text, schema)
  if not schema then return text end
  local out = {}
  fill(text, 1, schema, out)
  return concat(out)
end

-- Returns the value of one key of an object, "null" where it is absent.
local function member(text, wanted)
  local here = 2
  while byte(text, here) == QUOTE do
    local key_end = string_end(text, here)
    local last = value_end(text, key_end + 2)
    if sub(text, here + 1, key_end - 1) == wanted then return sub(text, key_end + 2, last) end
    here = last + 2
  end
  return "null"
end
