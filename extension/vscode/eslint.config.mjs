import tseslint from "typescript-eslint";

export default tseslint.config({ ignores: ["dist", "*.mjs"] }, ...tseslint.configs.strictTypeChecked, {
  languageOptions: { parserOptions: { project: "./tsconfig.json" } },
  rules: { "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }] },
});
