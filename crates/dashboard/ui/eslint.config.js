import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "coverage", "src/api/generated.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  a11y.flatConfigs.recommended,
  hooks.configs.flat.recommended,
  {
    rules: {
      // The server sends a policy without inline styles; classes only.
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='style']", message: "Use a class: the page's policy allows no inline styles." },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Content of other people is text." },
        { selector: "Property[key.name='refetchInterval']", message: "Idle pages do not poll." },
      ],
    },
  },
);
