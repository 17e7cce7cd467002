// Languages that can be translated into, as the server names them.

export const LANGUAGES: readonly { id: string; name: string }[] = [
  { id: "python", name: "Python" },
  { id: "javascript", name: "JavaScript" },
  { id: "typescript", name: "TypeScript" },
  { id: "java", name: "Java" },
  { id: "c", name: "C" },
  { id: "cpp", name: "C++" },
  { id: "csharp", name: "C#" },
  { id: "go", name: "Go" },
  { id: "rust", name: "Rust" },
  { id: "kotlin", name: "Kotlin" },
  { id: "scala", name: "Scala" },
  { id: "php", name: "PHP" },
  { id: "ruby", name: "Ruby" },
  { id: "lua", name: "Lua" },
  { id: "shellscript", name: "Shell" },
];
