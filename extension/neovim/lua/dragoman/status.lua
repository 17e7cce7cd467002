-- What the server says of its model (`didChangeStatus`), for a status line and for `:Dragoman status`.

local M = {}

---@type table<integer, { kind: string, busy: boolean, message: string }>
local told = {}
---@type table<integer, integer> milliseconds of the last answer, by client
local latencies = {}

local WORDS = { Normal = "ready", Warning = "warning", Error = "error", Inactive = "off" }

local function changed()
  vim.api.nvim_exec_autocmds("User", { pattern = "DragomanStatus", modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

--- The handler of `didChangeStatus`.
function M.on_status(_, params, context)
  local before = told[context.client_id]
  told[context.client_id] = params
  if params.kind == "Error" and not (before and before.kind == "Error" and before.message == params.message) then
    vim.notify("Dragoman: " .. params.message, vim.log.levels.ERROR)
  end
  changed()
end

function M.forget(client_id)
  told[client_id], latencies[client_id] = nil, nil
  changed()
end

function M.answered(client_id, milliseconds)
  latencies[client_id] = milliseconds
end

local function client()
  local here = vim.lsp.get_clients({ bufnr = 0, name = "dragoman" })
  return here[1] or vim.lsp.get_clients({ name = "dragoman" })[1]
end

--- The model's state as the server told it last; nil before it did.
---@return { kind: string, busy: boolean, message: string }?
function M.last()
  local attached = client()
  return attached and told[attached.id]
end

--- For a status line: `Dragoman: ready`.
---@return string
function M.component()
  local attached = client()
  if not attached then
    return ""
  end
  local reason = require("dragoman.pause").reason(vim.api.nvim_get_current_buf())
  local status = told[attached.id]
  if reason then
    return "Dragoman: " .. reason
  elseif not status then
    return "Dragoman: starting"
  elseif status.busy then
    return "Dragoman: " .. (status.message ~= "" and status.message or "working")
  end
  return "Dragoman: " .. (WORDS[status.kind] or status.kind)
end

--- Ask the server and show everything there is to know.
function M.show()
  local attached = client()
  if not attached then
    vim.notify("Dragoman: no server is running here. :checkhealth dragoman says why.", vim.log.levels.WARN)
    return
  end
  attached:exec_cmd({ title = "Status", command = "dragoman.status" }, { bufnr = 0 }, function(err, answer)
    if err or type(answer) ~= "table" then
      vim.notify("Dragoman: the server does not answer: " .. (err and err.message or ""), vim.log.levels.WARN)
      return
    end
    local latency = latencies[attached.id]
    -- One line: more would make Neovim ask for a key.
    local parts = {
      ("Dragoman: %s%s"):format(WORDS[answer.kind] or answer.kind, answer.busy and ", working" or ""),
      "model " .. (answer.model and answer.model ~= "" and answer.model or "none"),
    }
    if answer.message ~= "" then
      table.insert(parts, answer.message)
    end
    if latency then
      table.insert(parts, ("last answer %d ms"):format(latency))
    end
    table.insert(parts, require("dragoman.pause").reason(vim.api.nvim_get_current_buf()) or nil)
    vim.notify(table.concat(parts, ", "))
  end)
end

return M
