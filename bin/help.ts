export const COMMANDS = ["export", "plan", "import"] as const;
export type CommandName = (typeof COMMANDS)[number];

const SETTINGS = `Settings
  SWITCHYARD_URL     the dashboard's address, such as https://switchyard.example.com
  SWITCHYARD_TOKEN   an API token of the project (Settings → Tokens). There is no flag for it: flags
                     are seen by everybody who lists the machine's processes
  NO_COLOR           set to anything: no colour`;

const COMMON = `  --url <address>    instead of SWITCHYARD_URL
  --json             for programs: one JSON object on standard output, described in docs/command.md
  -h, --help         this text`;

const TOP = `switchyard: keep a project's prompts and models in git

Usage
  switchyard export [directory]    write the project's prompts and models as YAML files
  switchyard plan [directory]      say what an import would do, and which approvals it would need
  switchyard import [directory]    do it

The directory is . unless it is named. switchyard <command> --help says more.

Options
  -h, --help         this text
  --version          the command's version

${SETTINGS}

Exit codes
  0  done; for plan: no differences
  1  it failed, or something is in the way
  2  plan: there are differences
  3  import: all is done but what waits for an approval
  4  the call itself is not right: a flag, an argument or a setting
`;

const EXPORT = `switchyard export: write a project's prompts and models as YAML files

Usage
  switchyard export [directory] [options]

Writes switchyard.yaml, prompts/<folder>/<name>.yaml and models/<name>.yaml. The same project always
gives the same bytes. A file that this command wrote before and whose prompt or model is gone is taken
away; any other file is left alone, and one that is in the way stops the export before anything is
written. The token needs the scope read.

Options
  --force            write over files that this command did not write
${COMMON}

${SETTINGS}

Exit codes
  0  done    1  it failed, nothing or only whole files were written    4  the call is not right

Examples
  switchyard export ./registry
  switchyard export ./registry && git -C ./registry diff --stat
`;

const PLAN = `switchyard plan: say what an import would do

Usage
  switchyard plan [directory] [options]

Reads the directory and the server and changes nothing. Shows what would be created, registered and
moved, the changed lines of each prompt, which moves need whose approval, and what is in the way: a
version that was edited, a number that is taken. What is only on the server is named and never deleted.
The token needs the scope read.

Options
${COMMON}

${SETTINGS}

Exit codes
  0  no differences    1  it failed, or something is in the way    2  there are differences
  4  the call is not right

Examples
  switchyard plan ./registry
  switchyard plan ./registry --json > plan.json; echo $?
`;

const IMPORT = `switchyard import: make the server hold what the directory says

Usage
  switchyard import [directory] [options]

Does exactly what plan shows. All files are read and checked first; one mistake or conflict, and nothing
is done. Versions get the numbers that they have in the files or are refused. A protected label or alias
is asked for: once, and the command says where people decide. Run again at any time: what is done stays
done. The token needs the scopes read and registry:write, and approvals:request where names are protected.

Options
  --reason <text>    why labels, aliases or states move; needed when one does
  --expect-plan <d>  the digest of plan --json: refuse when the plan has become another one since
${COMMON}

${SETTINGS}

Exit codes
  0  done    1  it failed: what was done and what was not is said, and running it again goes on
  3  all is done but what waits for an approval    4  the call is not right

Examples
  switchyard import ./registry --reason "Shorter answers (#214)"
  switchyard import ./registry --reason "Release 12" --expect-plan "$(jq -r .digest plan.json)"
`;

export const HELP: Readonly<Record<CommandName | "top", string>> = { top: TOP, export: EXPORT, plan: PLAN, import: IMPORT };
