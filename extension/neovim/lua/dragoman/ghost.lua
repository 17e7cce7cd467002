-- Ghost text by the plugin itself, for Neovim 0.11 and for who prefers it: asks at every change, draws with extmarks.
-- The server waits for pauses in typing, so nothing waits here.

local api = vim.api

local METHOD = "textDocument/inlineCompletion"
local namespace = api.nvim_create_namespace("dragoman")
local M = {}

---@type table<integer, { client: vim.lsp.Client, id: integer }>
local pending = {}

local function client_of(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = "dragoman" })[1]
end

local function cancel(bufnr)
  local request = pending[bufnr]
  pending[bufnr] = nil
  if request and not request.client:is_stopped() then
    request.client:cancel_request(request.id)
  end
end

--- Ask: 1 by a key, 2 while typing. Whether there is a server to ask.
---@param bufnr integer
---@param kind integer
---@return boolean
function M.request(bufnr, kind)
  local client = client_of(bufnr)
  if not client then
    return false
  end
  cancel(bufnr)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local asked_ns = vim.uv.hrtime()
  local sent, id = client:request(METHOD, params, function(_, result)
    local items = result and (result.items or result) or {}
    require("dragoman.answers").take(bufnr, client, params, items, asked_ns)
  end, bufnr)
  if sent and id then
    pending[bufnr] = { client = client, id = id }
  end
  return sent
end

function M.draw(bufnr, suggestion, rest, hint)
  M.clear(bufnr)
  local lines = vim.split(rest, "\n", { plain = true })
  local place = api.nvim_win_get_cursor(0)
  local chunks = { { lines[1], "DragomanSuggestion" } }
  if hint then
    table.insert(chunks, { hint, "DragomanHint" })
  end
  api.nvim_buf_set_extmark(bufnr, namespace, place[1] - 1, place[2], {
    virt_text = chunks,
    virt_text_pos = suggestion.after > 0 and #lines == 1 and "overlay" or "inline",
    virt_lines = vim
      .iter(vim.list_slice(lines, 2))
      :map(function(line)
        return { { line, "DragomanSuggestion" } }
      end)
      :totable(),
    hl_mode = "combine",
  })
end

function M.clear(bufnr)
  if api.nvim_buf_is_valid(bufnr) then
    api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

function M.select() end

function M.attach(_, bufnr)
  api.nvim_set_hl(
    0,
    "DragomanSuggestion",
    { default = true, link = vim.lsp.inline_completion and "ComplHint" or "NonText" }
  )
  api.nvim_set_hl(0, "DragomanHint", { default = true, link = "MoreMsg" })
  local group = api.nvim_create_augroup("dragoman.ghost." .. bufnr, { clear = true })
  api.nvim_create_autocmd({ "InsertEnter", "TextChangedI", "TextChangedP" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      if require("dragoman.pause").suggests(bufnr) then
        M.request(bufnr, 2)
      end
    end,
  })
  api.nvim_create_autocmd("InsertLeave", {
    group = group,
    buffer = bufnr,
    callback = function()
      cancel(bufnr)
    end,
  })
end

return M
