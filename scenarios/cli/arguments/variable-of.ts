// How the variable of the environment is called that stands for a flag.

/** `--max-findings` is ONCEPROOF_MAX_FINDINGS. */
export function variableOf(flag: string): string {
  return `ONCEPROOF_${flag.toUpperCase().replaceAll('-', '_')}`;
}
