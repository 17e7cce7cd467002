-- Keys in insert mode. Each falls back to what the key did before where there is nothing to act on.

local M = {}

--- What each key of the option `keys` does; returns whether it did anything.
local ACTIONS = {
  accept = function()
    return require("dragoman").accept("all")
  end,
  accept_word = function()
    return require("dragoman").accept("word")
  end,
  accept_line = function()
    return require("dragoman").accept("line")
  end,
  next = function()
    return require("dragoman").next()
  end,
  previous = function()
    return require("dragoman").previous()
  end,
  dismiss = function()
    return require("dragoman").dismiss()
  end,
  request = function()
    return require("dragoman").request()
  end,
}

local DESCRIPTIONS = {
  accept = "accept the suggestion",
  accept_word = "accept the next word of the suggestion",
  accept_line = "accept the next line of the suggestion",
  next = "next suggestion",
  previous = "previous suggestion",
  dismiss = "dismiss the suggestion",
  request = "ask for suggestions",
}

--- What each key did before we mapped it: `setup` may be called again, and finds our own mapping then.
---@type table<string, table<string, any>>
local replaced = {}

--- What a key is mapped to in every buffer; empty if it is not. A buffer's own mapping is nothing to fall back to elsewhere.
---@param key string
---@return table<string, any>
local function mapped(key)
  local found = vim.fn.maparg(key, "i", false, true)
  if found.buffer ~= 1 then
    return found
  end
  for _, mapping in ipairs(vim.api.nvim_get_keymap("i")) do
    if mapping.lhsraw == found.lhsraw then
      return mapping
    end
  end
  return {}
end

--- What a key was mapped to before, to be fed when there is nothing to act on.
---@param key string
---@return fun()
local function fallback(key)
  local before = mapped(key)
  if before.desc and vim.startswith(before.desc, "Dragoman: ") then
    before = replaced[vim.keycode(key)] or {}
  end
  replaced[vim.keycode(key)] = before
  return function()
    local keys, mode = vim.keycode(key), "n"
    if not vim.tbl_isempty(before) then
      if before.callback then
        local result = before.callback()
        if before.expr == 0 or type(result) ~= "string" then
          return
        end
        keys = before.replace_keycodes == 1 and vim.keycode(result) or result
      elseif before.expr == 1 then
        keys = vim.keycode(vim.api.nvim_eval(before.rhs))
      else
        keys = vim.keycode(before.rhs)
      end
      mode = before.noremap == 1 and "n" or "m"
    end
    vim.api.nvim_feedkeys(keys, mode .. "i", false)
  end
end

---@param keys table<string, string|false>
function M.map(keys)
  for name, key in pairs(keys) do
    local action = ACTIONS[name]
    if action == nil then
      vim.notify(("Dragoman: there is no key `%s`; see :help dragoman-keys"):format(name), vim.log.levels.WARN)
    elseif key then
      local otherwise = fallback(key)
      vim.keymap.set("i", key, function()
        if not action() then
          otherwise()
        end
      end, { desc = "Dragoman: " .. DESCRIPTIONS[name] })
    end
  end
end

return M
