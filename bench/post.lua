-- Post comments as signed-in people: one in four begins a thread, the others answer one of the last fifty.
-- Given one file: the article's slug, the text, the ids to answer, then on each line a session's cookie and its CSRF
-- token. Every connection has a thread, so every client is one person.
local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(args)
    local file = io.open(args[1])
    slug, text = file:read("*l"), file:read("*l")
    local ids = file:read("*l")
    local members = {}
    for line in file:lines() do table.insert(members, line) end
    file:close()
    recent, sent, made, others, wrong = {}, 0, 0, 0, ""
    for id in ids:gmatch("%d+") do table.insert(recent, id) end
    math.randomseed(os.time() * 16 + number)
    run = tostring(os.time()) .. math.random(100000, 999999) .. "-" .. number .. "-"
    local cookie
    cookie, csrf = members[number % #members + 1]:match("(%S+) (%S+)")
    headers = {
        ["Content-Type"] = "application/x-www-form-urlencoded",
        ["Cookie"] = "session=" .. cookie,
    }
end

function request()
    sent = sent + 1
    local path = "/articles/" .. slug .. "/comments"
    if #recent > 0 and math.random(4) > 1 then
        path = "/comments/" .. recent[math.random(#recent)] .. "/reply"
    end
    local body = "csrf_token=" .. csrf .. "&key=" .. run .. sent .. "&body=" .. text .. sent
    return wrk.format("POST", path, headers, body)
end

function response(status, answered, body)
    local id = answered["Location"] or answered["location"]
    id = id and tonumber(id:match("/comments/(%d+)$"))
    if status == 303 and id then
        made = made + 1
        recent[made % 50 + 1] = id
    else
        others = others + 1
        wrong = status
    end
end

function done(summary, latency, requests)
    local all, refused, last = 0, 0, ""
    for _, thread in ipairs(threads) do
        all = all + thread:get("made")
        refused = refused + thread:get("others")
        if thread:get("wrong") ~= "" then last = thread:get("wrong") end
    end
    print("made " .. all .. " others " .. refused .. " status " .. last)
end
