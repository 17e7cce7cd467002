-- What is suggested in each buffer, and what may be done with it. Who asks and who draws is in `native` (Neovim 0.12)
-- and `ghost` (the plugin itself); both hand their answers to `arrived`.
--
-- A suggestion whose beginning was typed meanwhile still counts, with its rest. One that was contradicted is gone at
-- once, in the same turn of the event loop: it is never drawn again.

local api = vim.api
local events = require("dragoman.events")
local parts = require("dragoman.parts")

local M = {}

---@class dragoman.Suggestion
---@field item table as the server sent it
---@field text string everything it inserts
---@field row integer where it begins, from 0
---@field col integer in bytes
---@field after integer bytes behind the cursor that it replaces

---@class dragoman.State
---@field client_id integer
---@field suggestions dragoman.Suggestion[]
---@field index integer which of them is on the screen
---@field invoked boolean they were asked for by a key
---@field after_request integer? how far to go on once more of them are there

---@type table<integer, dragoman.State>
local states = {}
---@type table<integer, string> the suggestion that the server was last told of, by buffer
local told = {}

---@return string
local function identity(item)
  return tostring(item.command and item.command.arguments and item.command.arguments[1] or item.insertText)
end

---@class dragoman.Drawer
---@field attach fun(client: vim.lsp.Client, bufnr: integer)
---@field draw fun(bufnr: integer, suggestion: dragoman.Suggestion, rest: string, hint: string?)
---@field clear fun(bufnr: integer)
---@field request fun(bufnr: integer, kind: integer): boolean
---@field select fun(bufnr: integer, step: integer)

---@return dragoman.Drawer
local function drawer()
  return require(require("dragoman.options").native() and "dragoman.native" or "dragoman.ghost")
end

---@return integer row, integer col from 0, in bytes
local function cursor()
  local place = api.nvim_win_get_cursor(0)
  return place[1] - 1, place[2]
end

local function inserting(bufnr)
  return api.nvim_get_current_buf() == bufnr and vim.startswith(api.nvim_get_mode().mode, "i")
end

--- What of a suggestion is not in the buffer yet; nil if the buffer contradicts it.
---@param bufnr integer
---@param suggestion dragoman.Suggestion
---@return string?
function M.rest(bufnr, suggestion)
  local row, col = cursor()
  if row < suggestion.row or (row == suggestion.row and col < suggestion.col) then
    return nil
  end
  local ok, typed = pcall(api.nvim_buf_get_text, bufnr, suggestion.row, suggestion.col, row, col, {})
  local text = ok and table.concat(typed, "\n")
  if not text or #text >= #suggestion.text or not vim.startswith(suggestion.text, text) then
    return nil
  end
  return suggestion.text:sub(#text + 1)
end

--- The suggestion on the screen and its rest.
---@param bufnr integer
---@return dragoman.Suggestion?, string?, dragoman.State?
function M.current(bufnr)
  local state = states[bufnr]
  if not state or not inserting(bufnr) then
    return nil
  end
  local suggestion = state.suggestions[state.index]
  local rest = suggestion and M.rest(bufnr, suggestion)
  if rest then
    return suggestion, rest, state
  end
end

--- From the protocol's items to suggestions, for a request that was sent with `params`.
---@param bufnr integer
---@param client vim.lsp.Client
---@param params table
---@param items table[]
---@return dragoman.Suggestion[]
local function converted(bufnr, client, params, items)
  local function bytes(position)
    local line = api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ""
    return vim.str_byteindex(line, client.offset_encoding, position.character, false)
  end
  return vim
    .iter(items)
    :map(function(item)
      local text = type(item.insertText) == "table" and item.insertText.value or item.insertText
      local start = item.range and item.range.start or params.position
      local after = item.range and item.range["end"].line == params.position.line and item.range["end"].character or 0
      -- Counted behind the cursor, because that part of the line stays as it is while the user types before it.
      local units = math.max(0, after - params.position.character)
      return {
        item = item,
        text = text:gsub("\r\n", "\n"),
        row = start.line,
        col = bytes(start),
        after = units == 0 and 0 or M.behind(bufnr, client, units),
      }
    end)
    :totable()
end

--- How many bytes behind the cursor `units` of the protocol are.
function M.behind(bufnr, client, units)
  local row, col = cursor()
  local line = (api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""):sub(col + 1)
  return vim.str_byteindex(line, client.offset_encoding, units, false)
end

--- Take an answer. Whether it still fits what stands in the buffer now; if not, it must not be drawn.
---@param bufnr integer
---@param client vim.lsp.Client
---@param params table what was asked
---@param items table[]
---@return boolean
function M.arrived(bufnr, client, params, items)
  if not inserting(bufnr) then
    return false
  end
  local suggestions = converted(bufnr, client, params, items)
  local first = suggestions[1]
  if first and not M.rest(bufnr, first) then
    return false
  end
  states[bufnr] = first
      and {
        client_id = client.id,
        suggestions = suggestions,
        index = 1,
        invoked = params.context.triggerKind == 1,
      }
    or nil
  return true
end

--- Draw what is to be drawn now, or nothing; tell the server what the user sees.
---@param bufnr integer
---@param hint string?
function M.refresh(bufnr, hint)
  local suggestion, rest, state = M.current(bufnr)
  if not suggestion or not rest or not state or vim.fn.pumvisible() == 1 then
    drawer().clear(bufnr)
    if not suggestion then
      states[bufnr] = nil
    end
    return
  end
  drawer().draw(bufnr, suggestion, rest, hint)
  if told[bufnr] ~= identity(suggestion.item) then
    told[bufnr] = identity(suggestion.item)
    events.shown(state.client_id, suggestion.item)
  end
end

--- Insert `text` at the cursor, instead of the `after` bytes behind it, and go to its end.
local function insert(bufnr, text, after)
  local row, col = cursor()
  local length = #api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  local lines = vim.split(text, "\n", { plain = true })
  vim.cmd("let &undolevels = &undolevels") -- accepting is one step of undo
  api.nvim_buf_set_text(bufnr, row, col, row, math.min(length, col + after), lines)
  api.nvim_win_set_cursor(0, { row + #lines, (#lines == 1 and col or 0) + #lines[#lines] })
end

--- Accept all, the next word, or the next line. Whether there was something.
---@param part "all"|"word"|"line"
---@return boolean
function M.accept(part)
  local bufnr = api.nvim_get_current_buf()
  local suggestion, rest, state = M.current(bufnr)
  if not suggestion or not rest or not state then
    return false
  end
  local taken = parts[part](rest)
  local before = #suggestion.text - #rest
  if taken == rest then
    states[bufnr] = nil
    drawer().clear(bufnr)
    insert(bufnr, rest, suggestion.after)
    events.accepted(state.client_id, suggestion.item, bufnr)
    return true
  end
  insert(bufnr, taken, 0)
  local length = parts.utf16_length(suggestion.text:sub(1, before + #taken))
  events.partly_accepted(state.client_id, suggestion.item, length)
  M.refresh(bufnr)
  return true
end

--- Take the suggestion from the screen. Whether there was one.
---@return boolean
function M.dismiss()
  local bufnr = api.nvim_get_current_buf()
  local suggestion, _, state = M.current(bufnr)
  M.forget(bufnr)
  if not suggestion or not state then
    return false
  end
  events.rejected(state.client_id, suggestion.item)
  return true
end

--- Show another alternative. An automatic answer has only one: then the server is asked for more first.
---@param step integer
---@return boolean
function M.cycle(step)
  local bufnr = api.nvim_get_current_buf()
  local suggestion, _, state = M.current(bufnr)
  if not suggestion or not state then
    return M.request()
  end
  if not state.invoked then
    state.after_request = step
    return drawer().request(bufnr, 1)
  end
  local count = #state.suggestions
  state.index = (state.index - 1 + step) % count + 1
  drawer().select(bufnr, step)
  M.refresh(bufnr, count > 1 and (" (%d/%d)"):format(state.index, count) or nil)
  return true
end

--- How far the user wanted to go before more alternatives were there; nil if nobody waits.
---@return integer?
function M.take_step(bufnr)
  local state = states[bufnr]
  local step = state and state.after_request
  if state then
    state.after_request = nil
  end
  return step
end

--- Ask now. Whether there is a server to ask.
---@return boolean
function M.request()
  return drawer().request(api.nvim_get_current_buf(), 1)
end

--- No suggestion any more.
function M.forget(bufnr)
  states[bufnr] = nil
  drawer().clear(bufnr)
end

--- Suggestions of `client` in a buffer from now on.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  drawer().attach(client, bufnr)
  -- Made after Neovim's own, so that it has the last word before the screen is drawn.
  local group = api.nvim_create_augroup("dragoman.suggestions." .. bufnr, { clear = true })
  api.nvim_create_autocmd({ "TextChangedI", "CursorMovedI", "TextChangedP", "CompleteChanged", "CompleteDone" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      M.refresh(bufnr)
    end,
  })
  api.nvim_create_autocmd("InsertLeave", {
    group = group,
    buffer = bufnr,
    callback = function()
      local state = states[bufnr]
      local item = state and state.suggestions[state.index].item
      if item and told[bufnr] == identity(item) then
        events.rejected(state.client_id, item)
      end
      M.forget(bufnr)
    end,
  })
  api.nvim_create_autocmd({ "BufUnload", "LspDetach" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      states[bufnr], told[bufnr] = nil, nil
    end,
  })
end

return M
