-- The filter above the transcoder. Before this text stand json.lua, strict.lua, sentences.lua and the generated ROUTES,
-- METHODS and LIMITS.
--
-- ROUTES[surface] is a tree of path segments: {literals = {segment = tree}, variable = tree, methods = {GET = method}}.
-- METHODS[name] is what is known of one RPC:
--   query   the query parameters it knows, nil where it knows all
--   fields  the fields of its JSON body, nil where it takes none
--   member  the key whose value alone is the answer (`response_body`, which the transcoder does not know), nil for the whole
--   schema  which nulls to fill into its answer, nil where there are none to fill

-- ---------------------------------------------------------------------------------------------------------- dialects

-- A dialect spells errors, and answers that need more than nulls. `failure(status, code, sentence, request_id)`.
local DIALECTS = {
  sopilot = {
    failure = function(_, _, sentence) return '{"detail":' .. json_string(sentence) .. "}" end,
  },
}

-- ----------------------------------------------------------------------------------------------------------- requests

local function body_text(body)
  return body and body:length() > 0 and body:getBytes(0, body:length()) or ""
end

local function walk(tree, path, from)
  if from > #path + 1 then return tree.methods and tree or nil end
  local slash = find(path, "/", from, true) or #path + 1
  local segment = sub(path, from, slash - 1)
  local literal = tree.literals and tree.literals[segment]
  if literal then
    local found = walk(literal, path, slash + 1)
    if found then return found end
  end
  if tree.variable and segment ~= "" then return walk(tree.variable, path, slash + 1) end
  return nil
end

local function allowed_methods(methods)
  local names = {}
  for name in pairs(methods) do names[#names + 1] = name end
  if methods.GET then names[#names + 1] = "HEAD" end
  table.sort(names)
  return concat(names, ", ")
end

local function unknown_parameter(query, known)
  for pair in string.gmatch(query, "[^&]+") do
    local name = percent_decoded((gsub(string.match(pair, "^[^=]*"), "+", " ")))
    if not known[name] then return name end
  end
  return nil
end

local function is_bad_text(text)
  if not find(text, "%%[89a-fA-F0]") then return false end
  local decoded = percent_decoded(text)
  return find(decoded, "%z") ~= nil or valid_utf8(decoded) ~= decoded
end

local function refuse(handle, status, sentence, extra)
  local headers = extra or {}
  headers[":status"] = status
  handle:respond(headers, sentence)
end

-- Says what is wrong with the body that the headers announce, or nothing.
local function announced_problem(headers, verb, method, content_type)
  local length = tonumber(headers:get("content-length") or "")
  if length and length > 0 and (verb == "GET" or verb == "HEAD") then
    return "400", "A " .. verb .. " request has no body."
  end
  local limit = method.fields and LIMITS.json_bytes or LIMITS.upload_bytes
  if length and length > limit then
    return "413", "The request body has " .. length .. " bytes; at most " .. limit .. " are taken."
  end
  if not method.fields or length == 0 or not content_type then return nil end
  local kind = string.lower(string.match(content_type, "^[^;%s]*"))
  if kind == "application/json" then return nil end
  return "415", "The request body must be application/json, not " .. shortened(content_type) .. "."
end

local function sane_request_id(text)
  return text and #text <= 128 and find(text, "^[%w._:%-]+$") ~= nil
end

local function adopt_request_id(headers)
  local wanted = headers:get("x-edge-request-id")
  if not wanted then return end
  headers:remove("x-edge-request-id")
  if sane_request_id(wanted) then headers:replace("x-request-id", wanted) end
end

function envoy_on_request(handle)
  local headers = handle:headers()
  adopt_request_id(headers)
  local content_type = headers:get("content-type")
  if content_type and sub(content_type, 1, 16) == "application/grpc" then return end
  local surface = handle:metadata():get("surface")
  local routes = ROUTES[surface]
  if not routes then return refuse(handle, "404", "No service is known under this host name.") end

  local verb, path = headers:get(":method"), headers:get(":path")
  local mark = find(path, "?", 1, true)
  local query = mark and sub(path, mark + 1)
  if mark then path = sub(path, 1, mark - 1) end
  -- The transcoder would make a message of it that no server can read.
  if is_bad_text(path) or (query and is_bad_text(query)) then
    return refuse(handle, "400", "The address holds characters that are no UTF-8, or a NUL.")
  end
  local found = walk(routes, path, 2)
  if not found then return refuse(handle, "404", sentence_for("404")) end
  local name = found.methods[verb == "HEAD" and "GET" or verb]
  if not name then
    local allowed = allowed_methods(found.methods)
    return refuse(handle, "405", "This address takes " .. allowed .. ", not " .. shortened(verb) .. ".", { allow = allowed })
  end
  local method = METHODS[name]
  if query and method.query then
    local unknown = unknown_parameter(query, method.query)
    if unknown then
      local sentence = "The query parameter '" .. shortened(unknown) .. "' is not known. "
      return refuse(handle, "400", sentence .. known_names(method.query))
    end
  end
  local status, sentence = announced_problem(headers, verb, method, content_type)
  if status then return refuse(handle, status, sentence) end

  if verb == "HEAD" then headers:replace(":method", "GET") end
  headers:replace("x-http-method", verb)
  headers:replace("x-edge-surface", surface)
  if not method.fields then return end
  -- The headers must not be used any more after this.
  local body = handle:body()
  local problem = body and json_problem(body_text(body), method.fields)
  if problem then return refuse(handle, "400", problem) end
end

-- ---------------------------------------------------------------------------------------------------------- responses

local INTERNAL_HEADERS = {
  "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-accept-encoding", "grpc-encoding",
  "accept-encoding", "x-http-status", "x-error-code", "x-content-length", "x-edge-reply", "trailer",
}

local function hide_internals(headers)
  for index = 1, #INTERNAL_HEADERS do headers:remove(INTERNAL_HEADERS[index]) end
end

local function sane_status(text)
  return text and find(text, "^[2-5]%d%d$") ~= nil
end

math.randomseed(os.time() + os.clock() * 1e6 + tonumber(string.match(tostring({}), "%x+$"), 16) % 1e6)

-- For requests that are refused before Envoy gives them an id.
local function new_request_id()
  return (gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function() return format("%x", math.random(0, 15)) end))
end

-- A refusal of the edge itself: its body is {"detail": text} by the listener's `local_reply_config`; to HEAD it has none.
local function on_refusal(handle, headers, dialect, details)
  local status, request_id = headers:get(":status"), headers:get("x-request-id")
  hide_internals(headers)
  headers:replace("content-type", "application/json")
  if not request_id then
    request_id = new_request_id()
    headers:add("x-request-id", request_id)
  end
  local body = handle:body()
  if not body then return end
  local text = unquoted(string.match(body_text(body), '^{"detail":(".*")}%s*$') or '""')
  body:setBytes(dialect.failure(status, nil, readable(status, details, text), request_id))
end

-- An error of the server, as trailers that became headers.
local function on_error(handle, headers, dialect, is_head)
  local sentence, code = percent_decoded(headers:get("grpc-message") or ""), headers:get("x-error-code")
  local status, wanted = headers:get(":status"), headers:get("x-http-status")
  local request_id = headers:get("x-request-id")
  if sane_status(wanted) then status = wanted end
  if status == "200" then status = "500" end
  hide_internals(headers)
  headers:replace(":status", status)
  headers:replace("content-type", "application/json")
  -- A failure without a reason code was not raised by the service but by a library below it, whose words tell of insides.
  if sentence == "" or (not code and tonumber(status) >= 500) then sentence = sentence_for(status) end
  local text = dialect.failure(status, code, sentence, request_id)
  if is_head then
    headers:replace("content-length", tostring(#text))
  else
    handle:body(true):setBytes(text)
  end
end

local function on_answer(handle, headers, metadata)
  local status, length = headers:get("x-http-status"), headers:get("x-content-length")
  local name = metadata:get("method")
  local method = name and METHODS[name]
  hide_internals(headers)
  if sane_status(status) then headers:replace(":status", status) end
  if length and find(length, "^%d+$") then
    headers:replace("content-length", length)
  end
  if metadata:get("head") or status == "304" then
    -- The transcoder's length is not that of the answer that GET would give.
    if not length then headers:remove("content-length") end
    for chunk in handle:bodyChunks() do chunk:setBytes("") end
    return
  end
  if method and (method.schema or method.member) then
    local body = handle:body(true)
    local text = body_text(body)
    if method.member then text = member(text, method.member) end
    body:setBytes(with_nulls(text, method.schema))
  end
end

function envoy_on_response(handle)
  local headers, metadata = handle:headers(), handle:metadata()
  local content_type = headers:get("content-type")
  -- Only what the transcoder called has a route that names its method.
  local is_grpc = content_type and sub(content_type, 1, 16) == "application/grpc"
  if is_grpc and not metadata:get("method") then return end
  local dialect = DIALECTS[metadata:get("surface")] or DIALECTS.sopilot
  local details = headers:get("x-edge-reply")
  if details then return on_refusal(handle, headers, dialect, details) end
  local grpc_status = headers:get("grpc-status")
  if grpc_status and grpc_status ~= "0" then return on_error(handle, headers, dialect, metadata:get("head")) end
  return on_answer(handle, headers, metadata)
end
