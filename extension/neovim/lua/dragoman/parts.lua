-- Parts of a suggestion: its first word, its first line. Pure functions over text.

local M = {}

--- The first word with the blanks before it, or the first run of punctuation, or one line break with the indent after it.
---@param text string
---@return string
function M.word(text)
  return text:match("^\r?\n[ \t]*")
    or text:match("^[ \t]*[%w_\128-\255]+")
    or text:match("^[ \t]*[^%w_%s\128-\255]+")
    or text:match("^[ \t]+")
    or text
end

--- Everything up to the first line break; a line break that comes first is taken along.
---@param text string
---@return string
function M.line(text)
  return text:match("^\r?\n[^\r\n]*") or text:match("^[^\r\n]+") or text
end

--- All of it.
---@param text string
---@return string
function M.all(text)
  return text
end

--- Length in UTF-16 code units, as the protocol counts what was accepted.
---@param text string
---@return integer
function M.utf16_length(text)
  return vim.str_utfindex(text, "utf-16", #text, false)
end

return M
