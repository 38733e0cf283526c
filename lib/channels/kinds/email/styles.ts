import type { Mood } from '../../wording/report.ts';

/** Colours by mood, for a light and a dark client. */
export const COLOURS: Readonly<Record<Mood, readonly [light: string, dark: string]>> = {
  bad: ['#c81e1e', '#ff8a80'],
  warning: ['#b45309', '#fbbf24'],
  good: ['#047857', '#4ade80'],
  neutral: ['#475569', '#a8b3c4'],
};

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const TEXT = `${FONT};font-size:15px;line-height:1.5;color:#111827;word-break:break-word`;
const SOFT = `${FONT};font-size:13px;line-height:1.5;color:#6b7280`;

/** At the elements, for mail programs that drop style sheets; in light colours. */
export const STYLES = {
  page: 'margin:0;padding:0;background:#f3f4f6',
  card: 'max-width:600px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px',
  edge: 'height:4px;line-height:4px;font-size:4px;border-radius:8px 8px 0 0',
  title: `margin:0;${FONT};font-size:19px;line-height:1.35;font-weight:600;word-break:break-word`,
  label: `padding:8px 16px 7px 0;min-width:96px;${SOFT};white-space:nowrap`,
  text: `padding:7px 0;${TEXT}`,
  dot: `padding:7px 10px 7px 0;${TEXT}`,
  link: 'color:#111827',
  note: `margin:14px 0 0;${SOFT}`,
  footer: `margin:16px 0 0;${SOFT};font-size:12px`,
  button:
    `display:inline-block;margin-top:20px;padding:9px 16px;background:#111827;color:#ffffff;border-radius:6px;` +
    `${FONT};font-size:14px;font-weight:600;text-decoration:none`,
} as const;

const moodRules = Object.entries(COLOURS).map(
  ([mood, [, dark]]) => `.${mood}{color:${dark}!important}\n.${mood}-edge{background:${dark}!important}`,
);

/** For programs that know `prefers-color-scheme`. It has to outdo the styles at the elements. */
export const DARK_SHEET = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#0b0f16!important}
.card{background:#151b26!important;border-color:#2a3343!important}
.text{color:#e8ecf3!important}
.soft{color:#9aa6b8!important}
.line{border-color:#242d3c!important}
.button{background:#e8ecf3!important;color:#0b0f16!important}
${moodRules.join('\n')}
}`;
