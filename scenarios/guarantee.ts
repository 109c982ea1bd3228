// What a job promises about its output, and is judged by.

export type Guarantee = 'exactly-once' | 'at-least-once';
