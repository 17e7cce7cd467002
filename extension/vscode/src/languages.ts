// Languages that can be translated into, written by `python -m scripts.document_settings`.

export const LANGUAGES: readonly { id: string; name: string }[] = [
  { id: "python", name: "Python" },
  { id: "java", name: "Java" },
  { id: "cpp", name: "C++" },
  { id: "javascript", name: "JavaScript" },
  { id: "typescript", name: "TypeScript" },
  { id: "go", name: "Go" },
  { id: "rust", name: "Rust" },
  { id: "csharp", name: "C#" },
];
