-- The filter above the transcoder. Before this text stand json.lua, strict.lua, sentences.lua, errors.lua and, above them,
-- the generated ROUTES, METHODS, SPEECH and LIMITS.
--
-- ROUTES[host] is a tree of path segments: {literals = {segment = tree}, variable = tree, methods = {GET = method}}; where it
-- has methods, `surface` speaks for them all. Surfaces that share a host share a tree.
-- METHODS[name] is what is known of one RPC:
--   surface the surface that it belongs to
--   query   the query parameters it knows, each with the shape of its value, or true where it may be given again
--   body    the shape of its JSON body, nil where it takes none
--   member  the key whose value alone is the answer (`response_body`, which the transcoder does not know), nil for the whole
--   schema  which nulls to fill into its answer, nil where there are none to fill

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

local function is_bad_text(text)
  if not find(text, "%%[89a-fA-F0]") then return false end
  local decoded = percent_decoded(text)
  return find(decoded, "%z") ~= nil or valid_utf8(decoded) ~= decoded
end

-- What is refused is told to `on_refusal` in headers, which it takes away.
local function refuse(handle, status, sentence, constraint, field, extra)
  local headers = extra or {}
  headers[":status"] = status
  headers["x-edge-constraint"] = constraint
  headers["x-edge-field"] = field and percent_encoded(shortened(field))
  handle:respond(headers, sentence)
end

-- Says what is wrong with the body that the headers announce, or nothing.
local function announced_problem(headers, verb, method, content_type)
  local length = tonumber(headers:get("content-length") or "")
  if length and length > 0 and (verb == "GET" or verb == "HEAD") then
    return "400", "A " .. verb .. " request has no body."
  end
  local limit = method.body and LIMITS.json_bytes or LIMITS.upload_bytes
  if length and length > limit then
    return "413", "The request body has " .. length .. " bytes; at most " .. limit .. " are taken.", "max_length"
  end
  if not method.body or length == 0 or not content_type then return nil end
  local kind = string.lower(string.match(content_type, "^[^;%s]*"))
  if kind == "application/json" then return nil end
  return "415", "The request body must be application/json, not " .. shortened(content_type) .. ".", "content_type"
end

local function sane_request_id(text)
  return text and #text <= 128 and find(text, "^[%w._:%-]+$") ~= nil
end

-- Where the caller says that it reached us, to build addresses from.
local function base_of(headers)
  local authority = headers:get(":authority")
  if not authority or #authority > 255 or find(authority, "[^%w.:%[%]_-]") then return nil end
  -- Envoy takes from callers what no trusted proxy said.
  return (headers:get("x-forwarded-proto") == "https" and "https://" or "http://") .. authority
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
  local routes = ROUTES[handle:metadata():get("routes") or ""]
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
  local method = METHODS[found.methods[verb == "HEAD" and "GET" or verb]]
  -- From here on this surface speaks, also where the transcoder refuses.
  headers:replace("x-edge-surface", (method or found).surface)
  if not method then
    local allowed = allowed_methods(found.methods)
    local sentence = "This address takes " .. allowed .. ", not " .. shortened(verb) .. "."
    return refuse(handle, "405", sentence, nil, nil, { allow = allowed })
  end
  if query then
    local problem, constraint, field = query_problem(query, method.query)
    if problem then return refuse(handle, "400", problem, constraint, field) end
  end
  local status, sentence, constraint = announced_problem(headers, verb, method, content_type)
  if status then return refuse(handle, status, sentence, constraint) end

  if verb == "HEAD" then headers:replace(":method", "GET") end
  headers:replace("x-http-method", verb)
  local base = base_of(headers)
  if base then headers:replace("x-edge-base", base) end
  if not method.body then return end
  -- The headers must not be used any more after this.
  local body = handle:body()
  if not body then return end
  local problem, broken, field = json_problem(body_text(body), method.body)
  if problem then return refuse(handle, "400", problem, broken, field) end
end

-- ---------------------------------------------------------------------------------------------------------- responses

local INTERNAL_HEADERS = {
  "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-accept-encoding", "grpc-encoding",
  "accept-encoding", "x-http-status", "x-error-code", "x-content-length", "x-edge-reply", "trailer",
}

local REFUSAL_HEADERS = { "x-edge-dialect", "x-edge-default", "x-edge-constraint", "x-edge-field" }

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
-- `x-edge-dialect` is the surface whose route was found.
local function on_refusal(handle, headers, details)
  local status, request_id = headers:get(":status"), headers:get("x-request-id")
  local surface = headers:get("x-edge-dialect")
  local constraint, field = headers:get("x-edge-constraint"), percent_decoded(headers:get("x-edge-field") or "")
  -- Nothing is known of the route where Envoy refuses before it looks at the path.
  surface = surface or handle:metadata():get("surface") or headers:get("x-edge-default")
  hide_internals(headers)
  for index = 1, #REFUSAL_HEADERS do headers:remove(REFUSAL_HEADERS[index]) end
  headers:replace("content-type", "application/json")
  if not request_id then
    request_id = new_request_id()
    headers:add("x-request-id", request_id)
  end
  local body = handle:body()
  if not body then return end
  local text = unquoted(string.match(body_text(body), '^{"detail":(".*")}%s*$') or '""')
  local sentence, broken, name = readable(status, details, text, SPEECH[surface])
  if broken then constraint, field = broken, name and gsub(name, "%[%d+%]", "") end
  body:setBytes(dialect_of(surface).failure(status, nil, sentence, request_id, refusal_details(constraint, field)))
end

-- An error of the server, as trailers that became headers.
local function on_error(handle, headers, metadata)
  local sentence, code = percent_decoded(headers:get("grpc-message") or ""), headers:get("x-error-code")
  local status, wanted = headers:get(":status"), headers:get("x-http-status")
  local request_id, details = headers:get("x-request-id"), headers:get("x-error-details")
  headers:remove("x-error-details")
  if sane_status(wanted) then status = wanted end
  if status == "200" then status = "500" end
  hide_internals(headers)
  headers:replace(":status", status)
  headers:replace("content-type", "application/json")
  -- A failure without a reason code was not raised by the service but by a library below it, whose words tell of insides.
  if sentence == "" or (not code and tonumber(status) >= 500) then sentence = sentence_for(status) end
  local text = dialect_of(metadata:get("surface")).failure(status, code, sentence, request_id, details)
  if metadata:get("head") then
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
  local details = headers:get("x-edge-reply")
  if details then return on_refusal(handle, headers, details) end
  local grpc_status = headers:get("grpc-status")
  if grpc_status and grpc_status ~= "0" then return on_error(handle, headers, metadata) end
  return on_answer(handle, headers, metadata)
end
