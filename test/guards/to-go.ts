export const CLIMBS: readonly string[] = [];
export const CIRCLES: readonly string[] = [];
export const DEAD_EXPORTS: readonly string[] = [];
export const LONG_FILES: readonly string[] = [];
export const LONG_FUNCTIONS: readonly string[] = [];
export const LONG_LINES: readonly string[] = [];
export const FOLDED_LITERALS: readonly string[] = [];
export const RETIRED_WORDS: readonly string[] = [];
