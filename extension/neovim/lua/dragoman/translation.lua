-- `:[range]Dragoman translate LANGUAGE`: the translation beside its source in diff mode, with its verdict; accept or
-- discard it. What is asked and answered stands in the server's docs/translation.md.

local api = vim.api
local M = {}

local NAMES = require("dragoman.languages")
local SYMBOLS = { verified = "✓", builds = "○", failed = "✗", unchecked = "?" }
local namespace = api.nvim_create_namespace("dragoman.translation")

---@class dragoman.Running
---@field client vim.lsp.Client
---@field id integer

---@type dragoman.Running?
local running

---@return string[]
function M.languages()
  return NAMES
end

--- The range of a command in the protocol's words; nil for the whole buffer.
local function range_of(call, bufnr, client)
  if call.range == 0 then
    return nil
  end
  local last = api.nvim_buf_get_lines(bufnr, call.line2 - 1, call.line2, false)[1] or ""
  return {
    start = { line = call.line1 - 1, character = 0 },
    ["end"] = { line = call.line2 - 1, character = vim.str_utfindex(last, client.offset_encoding) },
  }
end

--- Ask for a translation. `:Dragoman translate` again while it is being made cancels it.
---@param language string? asked for if nil
---@param call table what nvim_create_user_command hands over
function M.start(language, call)
  if running then
    running.client:cancel_request(running.id)
    running = nil
    vim.notify("Dragoman: the translation is cancelled")
    return
  end
  if not language then
    vim.ui.select(NAMES, { prompt = "Translate to" }, function(choice)
      if choice then
        M.start(choice, call)
      end
    end)
    return
  end
  local bufnr = api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = "dragoman" })[1]
  if not client then
    vim.notify("Dragoman: no server is running here. :checkhealth dragoman says why.", vim.log.levels.WARN)
    return
  end
  local argument = { uri = vim.uri_from_bufnr(bufnr), to = language, range = range_of(call, bufnr, client) }
  local params = { command = "dragoman.translate", arguments = { argument } }
  local window = api.nvim_get_current_win()
  local sent, id = client:request("workspace/executeCommand", params, function(err, answer)
    running = nil
    if err then
      if err.code ~= -32800 and err.code ~= -32802 then
        vim.notify("Dragoman: " .. err.message, vim.log.levels.ERROR)
      end
    elseif answer then
      M.show(answer, window)
    end
  end, bufnr)
  if sent and id then
    running = { client = client, id = id }
    vim.notify("Dragoman: translating to " .. language .. "; `:Dragoman translate` cancels")
  end
end

--- Open the translation beside the window of its source.
function M.show(answer, window)
  local verdict = answer.verdict
  if api.nvim_win_is_valid(window) then
    api.nvim_set_current_win(window)
  end
  vim.cmd.diffthis()
  vim.cmd("rightbelow vnew")
  local bufnr = api.nvim_get_current_buf()
  local name = vim.fs.basename(vim.uri_to_fname(answer.suggestedUri))
  api.nvim_buf_set_name(bufnr, ("dragoman://%d/%s"):format(bufnr, name))
  api.nvim_buf_set_lines(bufnr, 0, -1, false, vim.split(answer.text, "\n", { plain = true }))
  vim.bo[bufnr].buftype = "nofile"
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].filetype = vim.filetype.match({ filename = name }) or answer.targetLanguage
  vim.bo[bufnr].modifiable = false
  vim.cmd.diffthis()
  vim.wo.winbar = ("%s %s: %s%%<"):format(
    SYMBOLS[verdict.status] or "",
    verdict.status,
    verdict.evidence:gsub("%%", "%%%%")
  )
  vim.diagnostic.set(namespace, bufnr, {
    {
      lnum = 0,
      col = 0,
      source = "dragoman",
      code = verdict.status,
      severity = verdict.status == "failed" and vim.diagnostic.severity.ERROR or vim.diagnostic.severity.INFO,
      message = vim.trim(
        table.concat({ verdict.evidence, verdict.faultDescription, verdict.messages, verdict.hint }, "\n")
      ),
    },
  })
  vim.keymap.set("n", "ga", function()
    M.accept(bufnr, answer)
  end, { buffer = bufnr, desc = "Dragoman: write the translation to a file" })
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = bufnr, desc = "Dragoman: discard the translation" })
  vim.notify(("Dragoman: %s. ga accepts, q discards"):format(verdict.status))
end

--- Write the translation to a new file beside its source.
function M.accept(bufnr, answer)
  local path = vim.uri_to_fname(answer.suggestedUri)
  local stem, extension = vim.fn.fnamemodify(path, ":r"), vim.fn.fnamemodify(path, ":e")
  local number = 1
  while vim.uv.fs_stat(path) do
    number = number + 1
    path = ("%s-%d.%s"):format(stem, number, extension)
  end
  local lines = api.nvim_buf_get_lines(bufnr, 0, -1, false)
  vim.cmd.close()
  if vim.fn.writefile(lines[#lines] == "" and vim.list_slice(lines, 1, #lines - 1) or lines, path) == 0 then
    vim.cmd.edit(vim.fn.fnameescape(path))
  end
end

return M
