-- Defines `:Dragoman` without loading the rest. The plugin does nothing else until `setup` is called.
if vim.g.loaded_dragoman then
  return
end
vim.g.loaded_dragoman = true

vim.api.nvim_create_user_command("Dragoman", function(call)
  require("dragoman.command").run(call)
end, {
  nargs = "*",
  range = true,
  complete = function(...)
    return require("dragoman.command").complete(...)
  end,
  desc = "Dragoman: status, pause, model, translate, doctor, log",
})
