-- `:Dragoman` and its completion. Each subcommand calls one function elsewhere.

local M = {}

---@class dragoman.Subcommand
---@field run fun(arguments: string[], call: table)
---@field words fun(): string[] what its argument can be

local function none()
  return {}
end

--- The program that `cmd` starts, for its other commands.
---@param ... string
---@return string[]
local function program(...)
  local cmd = require("dragoman.options").current.cmd
  local command = vim.list_slice(cmd, 1, math.max(1, #cmd - 1))
  vim.list_extend(command, { ... })
  return command
end

---@param ... string
local function in_terminal(...)
  vim.cmd("botright new")
  vim.fn.jobstart(program(...), { term = true })
end

---@type string[]?
local model_names

--- Names of the models that the server knows, asked once.
local function models()
  if not model_names then
    local ok, done = pcall(function()
      return vim.system(program("models", "list", "--json"), { text = true }):wait(5000)
    end)
    local parsed = ok and done.code == 0 and vim.json.decode(done.stdout) or { models = {} }
    model_names = vim
      .iter(parsed.models)
      :map(function(model)
        return model.name
      end)
      :totable()
  end
  return model_names
end

---@type table<string, dragoman.Subcommand>
M.subcommands = {
  status = {
    run = function()
      require("dragoman.status").show()
    end,
    words = none,
  },
  pause = {
    run = function(arguments)
      local scope = arguments[1] or "buffer"
      if not vim.list_contains({ "buffer", "filetype", "hour" }, scope) then
        vim.notify("Dragoman: pause what? buffer, filetype or hour", vim.log.levels.ERROR)
        return
      end
      local bufnr = vim.api.nvim_get_current_buf()
      require("dragoman.pause").pause(scope, bufnr)
      vim.notify("Dragoman: " .. require("dragoman.pause").reason(bufnr))
    end,
    words = function()
      return { "buffer", "filetype", "hour" }
    end,
  },
  resume = {
    run = function()
      require("dragoman.pause").resume()
      vim.notify("Dragoman: suggests again")
    end,
    words = none,
  },
  model = {
    run = function(arguments)
      if arguments[1] then
        require("dragoman.client").configure({ model = { name = arguments[1] } })
        return
      end
      vim.ui.select(models(), { prompt = "Model" }, function(name)
        if name then
          require("dragoman.client").configure({ model = { name = name } })
        end
      end)
    end,
    words = models,
  },
  translate = {
    run = function(arguments, call)
      require("dragoman.translation").start(arguments[1], call)
    end,
    words = function()
      return require("dragoman.translation").languages()
    end,
  },
  doctor = {
    run = function()
      in_terminal("doctor")
    end,
    words = none,
  },
  telemetry = {
    run = function()
      in_terminal("telemetry", "show")
    end,
    words = none,
  },
  log = {
    run = function()
      vim.cmd.split(
        vim.fn.fnameescape(vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path())
      )
      vim.cmd.normal({ "G", bang = true })
    end,
    words = none,
  },
  restart = {
    run = function()
      require("dragoman.client").restart()
    end,
    words = none,
  },
}

---@param call table what nvim_create_user_command hands over
function M.run(call)
  local name = call.fargs[1] or "status"
  local subcommand = M.subcommands[name]
  if not subcommand then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(M.subcommands)), ", ")
    vim.notify(("Dragoman: there is no command `%s`, but %s"):format(name, known), vim.log.levels.ERROR)
    return
  end
  subcommand.run(vim.list_slice(call.fargs, 2), call)
end

--- What can stand where the cursor is on the command line.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = vim.split(vim.trim(line:gsub("^.-Dragoman", "", 1):sub(1, -#lead - 1)), "%s+", { trimempty = true })
  local words = vim.fn.sort(vim.tbl_keys(M.subcommands))
  if #before > 0 then
    local subcommand = M.subcommands[before[1]]
    words = subcommand and #before == 1 and subcommand.words() or {}
  end
  return vim
    .iter(words)
    :filter(function(word)
      return vim.startswith(word, lead)
    end)
    :totable()
end

return M
