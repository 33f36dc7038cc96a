import { defineCommand } from '../command.ts'

const scripts = {
  bash: `# tutti completion bash >> ~/.bashrc
_tutti() {
  local IFS=$'\\n'
  COMPREPLY=($(tutti __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tutti tutti
`,
  zsh: `# tutti completion zsh >> ~/.zshrc, after compinit
_tutti() {
  local -a candidates
  candidates=(\${(f)"$(tutti __complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -a candidates; else _files; fi
}
compdef _tutti tutti
`,
  fish: `# tutti completion fish > ~/.config/fish/completions/tutti.fish
complete -c tutti -n 'not __fish_seen_subcommand_from run' -f
complete -c tutti -a '(tutti __complete fish -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
} as const

type Shell = keyof typeof scripts

export const completion = defineCommand({
  about:
    'Prints a script for your shell that completes commands, options and their values. The first line of each script says where it belongs.',
  arguments: { shell: { doc: 'bash, zsh or fish', choices: Object.keys(scripts) } },
  options: {},
  examples: [{ command: 'tutti completion bash >> ~/.bashrc', doc: 'For bash, from the next shell on' }],
  run: async ({ output }, { arguments: { shell } }) => {
    output.write(scripts[shell as Shell]) // one of the choices
    return 0
  },
})
