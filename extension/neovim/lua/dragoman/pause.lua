-- Where and how long nothing is suggested while typing. A key still asks.

local M = {}

---@type table<integer, boolean>
local buffers = {}
---@type table<string, boolean>
local filetypes = {}
local everywhere_until = 0

M.HOUR_S = 3600

--- Whether suggestions come by themselves in a buffer.
---@param bufnr integer
---@return boolean
function M.suggests(bufnr)
  return require("dragoman.options").current.automatic and not M.reason(bufnr)
end

--- Why they do not, in words; nil if they do.
---@param bufnr integer
---@return string?
function M.reason(bufnr)
  if os.time() < everywhere_until then
    return "paused until " .. os.date("%H:%M", everywhere_until)
  end
  if buffers[bufnr] then
    return "paused in this buffer"
  end
  local filetype = vim.bo[bufnr].filetype
  if filetypes[filetype] then
    return "paused in " .. filetype
  end
end

--- Suggest nothing in this "buffer", in its "filetype", or anywhere for an "hour".
---@param scope "buffer"|"filetype"|"hour"
---@param bufnr integer
function M.pause(scope, bufnr)
  if scope == "buffer" then
    buffers[bufnr] = true
  elseif scope == "filetype" then
    filetypes[vim.bo[bufnr].filetype] = true
  else
    everywhere_until = os.time() + M.HOUR_S
  end
  require("dragoman.suggestions").forget(bufnr)
end

--- Suggest again.
function M.resume()
  buffers, filetypes, everywhere_until = {}, {}, 0
end

return M
