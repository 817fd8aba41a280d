// Rules for the scripts that ship. Beside the usual ones: what comes from outside never becomes
// markup or code, which the page's security policy forbids as well.
import js from "@eslint/js";
import globals from "globals";

const markup = ["innerHTML", "outerHTML"].map((property) => ({
  property,
  message: "Build elements, or let the server send the fragment.",
}));

export default [
  { ignores: ["static/vendor/**", "tests/vendor/**", "node_modules/**"] },
  js.configs.recommended,
  {
    files: ["static/js/**/*.js", "crm/simulator/static/**/*.js", "crm/cli/demo/static/**/*.js", "examples/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: { ...globals.browser, htmx: "readonly" },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-alert": "off",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-restricted-properties": [
        "error",
        ...markup,
        { property: "insertAdjacentHTML", message: markup[0].message },
        { object: "document", property: "write", message: markup[0].message },
      ],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      radix: "error",
    },
  },
];
