-- `:checkhealth dragoman`.

local M = {}

local MARKS = { ok = vim.health.ok, note = vim.health.info, problem = vim.health.error }

local function editor()
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok("Neovim " .. tostring(vim.version()))
  else
    vim.health.error("Neovim 0.11 or newer is needed", { "Get a newer Neovim, or use the server with another client" })
  end
  local native = require("dragoman.options").native()
  vim.health.info("Ghost text is drawn by " .. (native and "vim.lsp.inline_completion" or "the plugin"))
end

--- What `dragoman doctor` finds; whether the program is there.
local function program(cmd)
  if vim.fn.executable(cmd[1]) == 0 then
    vim.health.error(("`%s` is not executable"):format(cmd[1]), {
      "pip install 'dragoman[cpu]'",
      'or say where it is: require("dragoman").setup({ cmd = { "/path/to/dragoman", "serve" } })',
    })
    return
  end
  vim.health.ok("The server's command is `" .. table.concat(cmd, " ") .. "`")
  local command = vim.list_slice(cmd, 1, math.max(1, #cmd - 1))
  vim.list_extend(command, { "doctor", "--json" })
  local done = vim.system(command, { text = true }):wait(60000)
  local ok, report = pcall(vim.json.decode, done.stdout)
  if not ok or type(report) ~= "table" then
    vim.health.error(
      "`" .. table.concat(command, " ") .. "` failed",
      vim.split(done.stderr or "", "\n", { trimempty = true })
    )
    return
  end
  for _, finding in ipairs(report.findings) do
    local line = finding.subject .. ": " .. finding.detail
    if finding.hint ~= "" then
      line = line .. " " .. finding.hint
    end
    MARKS[finding.state](line)
  end
end

local function connection()
  local clients = vim.lsp.get_clients({ name = "dragoman" })
  if #clients == 0 then
    vim.health.info("No server is running: open a file in a buffer to start one")
  end
  for _, client in ipairs(clients) do
    local name = ("The server of %s runs"):format(client.root_dir or "no folder")
    vim.health.ok(("%s, attached to %d buffers"):format(name, vim.tbl_count(client.attached_buffers)))
  end
end

local function keys()
  for name, key in pairs(require("dragoman.options").current.keys) do
    local mapped = key and vim.fn.maparg(key, "i", false, true) or {}
    if key and not vim.startswith(mapped.desc or "", "Dragoman: ") then
      vim.health.info(
        ("The key %s (%s) is not mapped by Dragoman: setup was not called, or another plugin took it"):format(key, name)
      )
    end
  end
end

function M.check()
  vim.health.start("Dragoman: editor")
  editor()
  keys()
  vim.health.start("Dragoman: server")
  program(require("dragoman.options").current.cmd)
  connection()
end

return M
