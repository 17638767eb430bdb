import type { PromptVersion } from "@/lib/domain/prompts/api";

type Variable = PromptVersion["variables"][number];

const examples: Record<Variable["type"], NonNullable<Variable["default"]>> = {
  string: "…",
  number: 1,
  integer: 1,
  boolean: true,
  array: [],
  object: {},
};

/** A shell call of the endpoint with its real name and its prompt's variables; the key stays in the caller's environment. */
export function toCurlCall({ gatewayUrl, endpoint, variables }: { gatewayUrl: string; endpoint: string; variables: readonly Variable[] }) {
  const values = Object.fromEntries(variables.map((variable) => [variable.name, variable.default ?? examples[variable.type]]));
  const body = {
    model: endpoint,
    messages: [{ role: "user", content: "Where is my order?" }],
    ...(variables.length === 0 ? {} : { switchyard: { variables: values } }),
  };
  // A single quote ends the shell's string; inside JSON the same character can be written as \u0027.
  const json = JSON.stringify(body, null, 2).replaceAll("'", "\\u0027");
  return [
    "curl \\",
    `  ${gatewayUrl}/v1/chat/completions \\`,
    '  -H "authorization: Bearer $SWITCHYARD_KEY" \\',
    '  -H "content-type: application/json" \\',
    '  -H "x-switchyard-subject: user-1" \\',
    `  -d '${json}'`,
  ].join("\n");
}
