-- The connection to the server: its configuration, what happens when it attaches, what happens when it dies.

local M = {}

local NAME = "dragoman"
local WINDOW_S = 180

---@type table<integer, table<integer, boolean>> buffers of each client
local attached = {}
---@type integer[] when it was started again
local restarts = {}

--- Settings as `workspace/configuration` answers them.
---@param settings table
---@return table
local function answered(settings)
  return { dragoman = vim.tbl_isempty(settings) and vim.empty_dict() or settings }
end

local function on_attach(client, bufnr)
  attached[client.id] = attached[client.id] or {}
  attached[client.id][bufnr] = true
  require("dragoman.suggestions").attach(client, bufnr)
  local group = vim.api.nvim_create_augroup("dragoman.focus." .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd("BufEnter", {
    group = group,
    buffer = bufnr,
    callback = function()
      if not client:is_stopped() then
        client:notify("textDocument/didFocus", { textDocument = vim.lsp.util.make_text_document_params(bufnr) })
      end
    end,
  })
end

--- Start the server again for the buffers it had, unless it dies over and over.
local function on_exit(code, signal, client_id)
  local buffers = attached[client_id] or {}
  attached[client_id] = nil
  vim.schedule(function()
    require("dragoman.status").forget(client_id)
    if (code == 0 and signal == 0) or signal == 15 or vim.v.exiting ~= vim.NIL then
      return
    end
    local now = os.time()
    restarts = vim
      .iter(restarts)
      :filter(function(at)
        return now - at < WINDOW_S
      end)
      :totable()
    if #restarts >= require("dragoman.options").current.max_restarts then
      local advice = "Dragoman: the server died %d times. :Dragoman log shows why, :Dragoman restart tries again."
      vim.notify(advice:format(#restarts + 1), vim.log.levels.ERROR)
      return
    end
    table.insert(restarts, now)
    vim.notify("Dragoman: the server died and is started again.", vim.log.levels.WARN)
    M.start(vim.tbl_keys(buffers))
  end)
end

--- Start the server for some buffers.
---@param buffers integer[]
function M.start(buffers)
  for _, bufnr in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      local config = vim.deepcopy(vim.lsp.config[NAME])
      config.root_dir = vim.fs.root(bufnr, config.root_markers or {}) or vim.fn.getcwd()
      vim.lsp.start(config, { bufnr = bufnr })
    end
  end
end

--- Stop the server and start it anew.
function M.restart()
  restarts = {}
  local buffers = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    client:stop(true)
  end
  if #buffers == 0 then
    buffers = { vim.api.nvim_get_current_buf() }
  end
  vim.defer_fn(function()
    M.start(buffers)
  end, 500)
end

--- Change settings of the running servers and of those to come.
---@param settings table nested, without `dragoman` around it
function M.configure(settings)
  local options = require("dragoman.options").current
  options.settings = vim.tbl_deep_extend("force", options.settings, settings)
  vim.lsp.config(NAME, { settings = answered(options.settings) })
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    client.settings = answered(options.settings)
    client:notify("workspace/didChangeConfiguration", { settings = client.settings })
  end
end

--- The server for every file from now on.
---@param options dragoman.Options
function M.enable(options)
  vim.lsp.config(NAME, {
    cmd = options.cmd,
    filetypes = options.filetypes,
    root_markers = options.root_markers,
    settings = answered(options.settings),
    init_options = { dragoman = answered(options.settings).dragoman, workspaceTrusted = options.trusted or nil },
    handlers = { didChangeStatus = require("dragoman.status").on_status },
    on_attach = on_attach,
    on_exit = on_exit,
  })
  vim.lsp.enable(NAME)
end

return M
