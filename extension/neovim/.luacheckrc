-- luacheck's settings: LuaJIT inside Neovim.
std = "luajit"
read_globals = { "vim" }
globals = { "vim.g", "vim.b", "vim.bo", "vim.wo", "vim.o", "vim.opt" }
max_line_length = 140
files["lua/dragoman/settings.lua"] = { max_line_length = false }
