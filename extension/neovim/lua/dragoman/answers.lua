-- What happens when an answer comes, whoever asked.

local M = {}

--- Take an answer, draw it (`draw` if Neovim does that), or drop it if the user has typed something else since.
---@param bufnr integer
---@param client vim.lsp.Client
---@param params table
---@param items table[]
---@param asked_ns integer when it was asked, from |vim.uv.hrtime()|
---@param draw fun()?
function M.take(bufnr, client, params, items, asked_ns, draw)
  local suggestions = require("dragoman.suggestions")
  if #items > 0 then
    require("dragoman.status").answered(client.id, (vim.uv.hrtime() - asked_ns) / 1e6)
  end
  local step = suggestions.take_step(bufnr)
  if not suggestions.arrived(bufnr, client, params, items) then
    return
  end
  if draw then
    draw()
  end
  suggestions.refresh(bufnr)
  if step and #items > 1 then
    suggestions.cycle(step)
  end
end

return M
