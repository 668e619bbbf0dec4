-- What people are told where Envoy or the transcoder refuses, or a library below the service fails.

local SENTENCES = {
  ["400"] = "The request is not valid.",
  ["403"] = "This is not allowed.",
  ["404"] = "There is nothing at this address.",
  ["408"] = "The request took too long to arrive.",
  ["413"] = "The request body is too large.",
  ["426"] = "This protocol version is not supported.",
  ["431"] = "The request headers are too large.",
  ["500"] = "An internal error occurred.",
  ["501"] = "This is not available here.",
  ["502"] = "The service gave no valid answer.",
  ["503"] = "The service is not available at the moment. Please try again shortly.",
  ["504"] = "The service took too long to answer.",
}

local function sentence_for(status)
  return SENTENCES[status] or "The request failed."
end

local KINDS = {
  BOOL = "true or false", STRING = "a string", BYTES = "a Base64 string", ENUM = "one of its documented values",
  DOUBLE = "a number", FLOAT = "a number", INT64 = "a whole number", UINT64 = "a whole number, at least 0",
  INT32 = "a whole number from -2147483648 to 2147483647", UINT32 = "a whole number from 0 to 4294967295",
}

-- The transcoder names fields as the proto does, callers as their surface does.
local function spelled(name, speech)
  if not speech or not speech.camel_case then return name end
  return (gsub(name, "_(%w)", string.upper))
end

-- Says in plain words what the transcoder says of a request; then the constraint that is broken and the field, where known.
local function transcoder_sentence(text, speech)
  local repeated = string.match(text, "oneof field '_?(.-)' is already set")
  if repeated then
    repeated = spelled(repeated, speech)
    return "'" .. repeated .. "' is given more than once.", "repeated", repeated
  end
  local name = string.match(text, "Starting an object on a scalar field for type (%S+)")
  if name then return "'" .. name .. "' must be a single value, not an object.", "type", name end
  local field, value, kind = string.match(text, "^(.-): invalid value (.*) for type (%S+)$")
  if field and field ~= "" then
    field = spelled(field, speech)
    if speech and find(value, "^Field '") then return "'" .. field .. "' must be " .. A_MOMENT .. ".", "format", field end
    local wanted = KINDS[string.match(kind, "^TYPE_(.+)$") or ""]
    local sentence = "'" .. field .. "' must be " .. (wanted or "a valid value") .. ", not " .. shortened(value) .. "."
    return sentence, wanted and "type" or "enum", field
  end
  if find(text, "cannot start list", 1, true) then return "A list stands where a single value is expected.", "type" end
  if find(text, "UTF-8", 1, true) then return "The request is no UTF-8.", "format" end
  if find(text, "surrogate", 1, true) then
    return "The request body is not valid JSON: half of a surrogate pair is missing.", "format"
  end
  return sentence_for("400")
end

-- What Envoy or the transcoder says of a request that it refuses is meant for developers of Envoy.
local function readable(status, details, text, speech)
  if status == "400" and find(details, "grpc_json_transcode", 1, true) then return transcoder_sentence(text, speech) end
  if find(details, "direct_response", 1, true) or find(details, "lua", 1, true) then return text end
  return sentence_for(status)
end
