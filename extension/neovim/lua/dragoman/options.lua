-- What `setup` takes, with its defaults. Settings of the server itself stand in `dragoman.settings`, which is generated.

local M = {}

---@class dragoman.Options
M.defaults = {
  -- How the server is started.
  cmd = { "dragoman", "serve" },
  -- File types to attach to; nil is every one.
  filetypes = nil,
  -- What marks the folder that a project begins in; those of one inner list count alike.
  root_markers = {
    { "dragoman.toml", ".git" },
    {
      "pyproject.toml",
      "package.json",
      "Cargo.toml",
      "go.mod",
      "pom.xml",
      "build.gradle",
      "CMakeLists.txt",
      "Makefile",
    },
  },
  -- Settings of the server, nested: { completion = { extent = "line" } }. See |dragoman-settings|.
  settings = {},
  -- Who draws ghost text: "native" is vim.lsp.inline_completion (Neovim 0.12), "own" is the plugin's; "auto" chooses.
  ghost_text = "auto",
  -- Suggest while typing. Without it only the key `request` asks.
  automatic = true,
  -- Keys in insert mode; false leaves one unmapped. A key that has nothing to act on does what it did before.
  keys = {
    accept = "<Tab>",
    accept_word = "<M-Right>",
    accept_line = "<M-Down>",
    next = "<M-]>",
    previous = "<M-[>",
    dismiss = "<C-]>",
    request = "<M-\\>",
  },
  -- true: translations may be built and run, in the sandbox; else the setting `translation.run` decides.
  trusted = false,
  -- How often a server that died is started again within three minutes.
  max_restarts = 3,
}

---@type dragoman.Options
M.current = vim.deepcopy(M.defaults)

--- Say which of a user's settings the server does not have.
---@param settings table<string, table>
local function check_settings(settings)
  local known = require("dragoman.settings")
  for section, values in pairs(settings) do
    for name in pairs(type(values) == "table" and values or {}) do
      if not known[section] or known[section][name] == nil then
        local message = "Dragoman: there is no setting `%s.%s`; see lua/dragoman/settings.lua"
        vim.notify(message:format(section, name), vim.log.levels.WARN)
      end
    end
  end
end

--- Merge what a user gave over the defaults.
---@param given table?
---@return dragoman.Options
function M.set(given)
  vim.validate("options", given, "table", true)
  given = given or {}
  for name in pairs(given) do
    if M.defaults[name] == nil and name ~= "filetypes" then
      vim.notify(("Dragoman: there is no option `%s`; see :help dragoman-options"):format(name), vim.log.levels.WARN)
    end
  end
  check_settings(given.settings or {})
  M.current = vim.tbl_deep_extend("force", vim.deepcopy(M.defaults), given)
  return M.current
end

--- Whether Neovim itself draws the ghost text.
---@return boolean
function M.native()
  local wanted = M.current.ghost_text
  return wanted == "native" or (wanted == "auto" and vim.lsp.inline_completion ~= nil)
end

return M
