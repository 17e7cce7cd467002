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

--- What a key was mapped to before, to be fed when there is nothing to act on.
---@param key string
---@return fun()
local function fallback(key)
  local before = vim.fn.maparg(key, "i", false, true)
  local ours = before.desc and vim.startswith(before.desc, "Dragoman: ")
  return function()
    local keys, mode = vim.keycode(key), "n"
    if not vim.tbl_isempty(before) and not ours then
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
