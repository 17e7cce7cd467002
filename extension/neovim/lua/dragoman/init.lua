-- Dragoman in Neovim: what a user's configuration calls. Knows the other files by name and holds no logic of its own.
--
--   require("dragoman").setup({})
--
-- Works with Neovim 0.11 and newer.

local M = {}

--- Start the server for every file, show its suggestions, map the keys.
---@param options table? see |dragoman-options|
function M.setup(options)
  local current = require("dragoman.options").set(options)
  require("dragoman.client").enable(current)
  require("dragoman.keys").map(current.keys)
end

--- Accept the suggestion on the screen: "all" of it, its next "word", its next "line". Whether there was one.
---@param part "all"|"word"|"line"|nil
---@return boolean
function M.accept(part)
  return require("dragoman.suggestions").accept(part or "all")
end

--- Show the next alternative; the first call asks the server for more of them.
function M.next()
  return require("dragoman.suggestions").cycle(1)
end

--- Show the alternative before this one.
function M.previous()
  return require("dragoman.suggestions").cycle(-1)
end

--- Take the suggestion from the screen. Whether there was one.
---@return boolean
function M.dismiss()
  return require("dragoman.suggestions").dismiss()
end

--- Ask for suggestions now.
function M.request()
  return require("dragoman.suggestions").request()
end

--- One short text for a status line: the model's state in words. Empty where no server is attached.
---@return string
function M.statusline()
  return require("dragoman.status").component()
end

return M
