-- Ghost text by Neovim 0.12's own `vim.lsp.inline_completion`: it asks and draws. This file listens to its questions
-- and answers, and keeps from it the answers that come too late.

local api = vim.api

local METHOD = "textDocument/inlineCompletion"
local namespace = api.nvim_create_namespace("nvim.lsp.inline_completion")
local M = {}

--- Neovim's own object for a buffer. It is private to Neovim, so it may be missing: then alternatives cannot be asked for.
local function completor(bufnr)
  local ok, capability = pcall(require, "vim.lsp._capability")
  local kind = ok and capability.all and capability.all.inline_completion
  return kind and kind.active and kind.active[bufnr]
end

--- Listen to what is asked through `client` and what it answers.
---@param client vim.lsp.Client
local function listen(client)
  if rawget(client, "dragoman_listens") then
    return
  end
  client.dragoman_listens = true
  local request = client.request
  client.request = function(self, method, params, handler, bufnr)
    if method ~= METHOD or not handler then
      return request(self, method, params, handler, bufnr)
    end
    local automatic = params.context.triggerKind ~= 1
    if automatic and not require("dragoman.pause").suggests(bufnr) then
      return false
    end
    local asked_ns = vim.uv.hrtime()
    return request(self, method, params, function(err, result, context)
      local items = result and (result.items or result) or {}
      require("dragoman.answers").take(bufnr, client, params, items, asked_ns, function()
        handler(err, result, context)
      end)
    end, bufnr)
  end
end

function M.attach(client, bufnr)
  listen(client)
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
end

function M.request(bufnr, kind)
  local own = completor(bufnr)
  if not own or type(own.request) ~= "function" then
    return false
  end
  own:request(kind)
  return true
end

--- Neovim draws by itself when the cursor moves; what it cannot draw is a rest that begins on another line.
function M.draw(bufnr, suggestion)
  if api.nvim_win_get_cursor(0)[1] - 1 ~= suggestion.row then
    M.clear(bufnr)
  end
end

function M.clear(bufnr)
  if api.nvim_buf_is_valid(bufnr) then
    api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

function M.select(bufnr, step)
  vim.lsp.inline_completion.select({ bufnr = bufnr, count = step })
end

return M
