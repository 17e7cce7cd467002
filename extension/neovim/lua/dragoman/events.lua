-- What became of suggestions, told to the server: the conventions of copilot-language-server, and one of our own for
-- what was rejected.

local M = {}

---@param client_id integer
---@param method string
---@param params table
local function notify(client_id, method, params)
  local client = vim.lsp.get_client_by_id(client_id)
  if client and not client:is_stopped() then
    client:notify(method, params)
  end
end

--- The suggestion is on the screen.
function M.shown(client_id, item)
  notify(client_id, "textDocument/didShowCompletion", { item = item })
end

--- Its first `length` UTF-16 units stand in the document by the user's wish.
function M.partly_accepted(client_id, item, length)
  notify(client_id, "textDocument/didPartiallyAcceptCompletion", { item = item, acceptedLength = length })
end

--- All of it does.
function M.accepted(client_id, item, bufnr)
  local client = vim.lsp.get_client_by_id(client_id)
  if client and item.command and not client:is_stopped() then
    client:exec_cmd(item.command, { bufnr = bufnr }, function() end)
  end
end

--- The user looked at it and did not want it.
function M.rejected(client_id, item)
  notify(client_id, "textDocument/didRejectCompletion", { item = item })
end

return M
