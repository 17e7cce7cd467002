-- Languages that can be translated into, written by `python -m scripts.document_settings`.

return {
  "python",
  "java",
  "cpp",
  "javascript",
  "typescript",
  "go",
  "rust",
  "csharp",
}
