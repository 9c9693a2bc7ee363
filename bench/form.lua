-- Send a comment's form to something that only reads it. Given the text.
function init(args)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.body = "csrf_token=none&key=none&body=" .. args[1]
end
