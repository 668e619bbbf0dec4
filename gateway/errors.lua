-- How each dialect spells errors: `failure(status, code, sentence, request_id, details)`. `code` is the reason for machines, nil
-- where the edge refuses; `details` is a JSON object as text, or nil.

-- What the document names, and what it leaves to us.
local WAVESTACK_CODES = {
  ["400"] = "VALIDATION_ERROR", ["401"] = "UNAUTHORIZED", ["403"] = "FORBIDDEN", ["404"] = "NOT_FOUND",
  ["405"] = "METHOD_NOT_ALLOWED", ["408"] = "TIMEOUT", ["409"] = "CONFLICT", ["412"] = "PRECONDITION_FAILED",
  ["413"] = "PAYLOAD_TOO_LARGE", ["415"] = "UNSUPPORTED_MEDIA_TYPE", ["416"] = "RANGE_NOT_SATISFIABLE",
  ["422"] = "VALIDATION_ERROR", ["429"] = "RATE_LIMITED", ["431"] = "PAYLOAD_TOO_LARGE", ["499"] = "CANCELLED",
  ["500"] = "INTERNAL_ERROR", ["501"] = "NOT_IMPLEMENTED", ["502"] = "SERVICE_UNAVAILABLE",
  ["503"] = "SERVICE_UNAVAILABLE", ["504"] = "TIMEOUT",
}

local function wavestack_failure(status, code, sentence, _, details)
  local name = WAVESTACK_CODES[status] or (tonumber(status) < 500 and "VALIDATION_ERROR" or "INTERNAL_ERROR")
  if not details or not find(details, "^{.*}$") then
    details = code and '{"reason":' .. json_string(code) .. "}" or "{}"
  end
  local head = '{"error":{"code":"' .. name .. '","message":' .. json_string(sentence)
  return head .. ',"details":' .. valid_utf8(details) .. "}}"
end

local DIALECTS = {
  sopilot = {
    failure = function(_, _, sentence) return '{"detail":' .. json_string(sentence) .. "}" end,
  },
  wavestack = { failure = wavestack_failure },
}

local function dialect_of(surface)
  local speech = SPEECH[surface]
  return DIALECTS[speech and speech.dialect or "sopilot"]
end

-- What the edge itself knows of what it refuses.
local function refusal_details(constraint, field)
  local parts = {}
  if field and field ~= "" then parts[1] = '"field":' .. json_string(field) end
  if constraint then parts[#parts + 1] = '"constraint":' .. json_string(constraint) end
  return "{" .. concat(parts, ",") .. "}"
end
