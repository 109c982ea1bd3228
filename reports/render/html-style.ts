/**
 * The style sheet of the report: system fonts, nothing fetched, usable from 320 px to print.
 * Wide things scroll in their own box; the page itself never scrolls sideways.
 */
import { themeStyle } from './html-theme.ts';

export function pageStyle(): string {
  return [themeStyle(), BASE, HEADER, PARTS, TABLES, FINDINGS, DIAGRAM, NARROW_AND_PRINT].join(
    '\n',
  );
}

const BASE = `
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
 font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 font-size:.875em}
a{color:var(--held);text-underline-offset:.2em}
h1,h2,h3,h4,p,dl,dd,ol,ul,pre{margin:0}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em}
h4{font-size:.8125rem;font-weight:600;color:var(--muted);margin-bottom:.5rem}
:focus-visible{outline:2px solid var(--held);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--card);z-index:9}
.skip:focus{top:1rem}
.muted,.note{color:var(--muted)}
.note{font-size:.875rem;margin:.5rem 0}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.held{color:var(--held)}.violated{color:var(--violated)}
.inconclusive,.nondeterministic{color:var(--inconclusive)}.fault{color:var(--fault)}
button,input{font:inherit;font-size:.875rem;color:inherit;background:var(--page);min-height:2rem;
 border:1px solid var(--line);border-radius:6px;padding:.25rem .625rem}
button{cursor:pointer}button:hover{border-color:var(--muted)}
`;

const HEADER = `
.top{border-bottom:1px solid var(--line);background:var(--card)}
.top>div{max-width:84rem;margin:0 auto;padding:1.5rem 2rem 1.375rem;display:flex;gap:1.25rem;
 align-items:flex-start}
.seal{flex:none;width:3.25rem;height:3.25rem;display:grid;place-items:center;border-radius:50%;
 font-size:1.625rem;line-height:1;border:3px solid currentColor}
.seal.violated{border:6px double}.seal.inconclusive{border-style:dashed}
.seal.nondeterministic{border-style:dotted}
.top h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.02em}
.totals{margin-top:.125rem;font-size:1rem}
.origin{margin-top:.375rem;font-size:.8125rem;color:var(--muted);overflow-wrap:anywhere}
.tools{margin-left:auto;display:flex;gap:.5rem}
.frame{max-width:84rem;margin:0 auto;padding:0 2rem 4rem;display:grid;gap:0 3rem;
 grid-template-columns:10.5rem minmax(0,1fr)}
nav{position:sticky;top:0;align-self:start;padding:1.75rem 0;max-height:100vh;overflow:auto}
nav ul{list-style:none;padding:0}
nav a{display:flex;justify-content:space-between;gap:.5rem;padding:.3125rem 0;min-height:1.75rem;
 font-size:.875rem;color:var(--muted);text-decoration:none}
nav a:hover{color:var(--text);text-decoration:underline}
nav .num{color:var(--text)}
main{padding-top:1.75rem;min-width:0}
main>section{margin-bottom:3.25rem}
main>section>h2{margin-bottom:.875rem}
`;

const PARTS = `
.tiles{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:0;
 border:1px solid var(--line);border-radius:8px;overflow:hidden}
.tile{padding:.875rem 1rem;box-shadow:1px 0 0 var(--line),0 1px 0 var(--line)}
.tile dt{font-size:.8125rem;color:var(--muted)}
.tile dd{font-size:1.5rem;line-height:1.35;letter-spacing:-.02em;
 font-variant-numeric:tabular-nums}
.tile dd+dd{font-size:.8125rem;letter-spacing:0;color:var(--muted);line-height:1.45}
.meaning{margin-top:1rem;max-width:46rem}
.gaps{margin:1rem 0 0;padding:0 0 0 1.125rem;max-width:46rem;font-size:.9375rem}
.gaps li{margin:.1875rem 0}.gaps li::marker{content:"○  ";color:var(--inconclusive)}
.subhead{font-size:.8125rem;font-weight:600;color:var(--muted);margin:1.25rem 0 -.625rem}
.notices{margin:1rem 0 0;padding:.75rem 1rem;list-style:none;border:1px dashed var(--inconclusive);
 border-radius:8px;font-size:.875rem;overflow-wrap:anywhere}
.notices code{color:var(--inconclusive);margin-right:.5rem}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3125rem 1.5rem;
 font-size:.875rem}
.facts dt{color:var(--muted)}.facts dd{overflow-wrap:anywhere}
.bar{display:block;margin-top:.375rem;height:.625rem;border-radius:2px;background:currentColor;
 min-width:2px}
.bar.empty{background:none;border:1px dashed var(--muted)}
.empty-state{color:var(--muted);max-width:46rem}
details>summary{cursor:pointer;padding:.375rem 0;font-size:.9375rem;font-weight:600}
details>summary .muted{font-weight:400}
kbd{font:inherit;font-size:.8125rem;border:1px solid var(--line);border-bottom-width:2px;
 border-radius:4px;padding:0 .375rem;background:var(--page)}
dialog{border:1px solid var(--line);border-radius:8px;background:var(--page);color:inherit;
 padding:1.5rem;max-width:calc(100vw - 2rem)}
dialog::backdrop{background:rgb(0 0 0/.5)}
dialog .facts{margin:1rem 0}
`;

const TABLES = `
.scroll{overflow:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.875rem}
caption{text-align:left;color:var(--muted);font-size:.8125rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.4375rem 1rem .4375rem 0;
 border-bottom:1px solid var(--line)}
thead th{font-size:.8125rem;font-weight:600;color:var(--muted);white-space:nowrap}
th.num,td.num{text-align:right}
tbody th{font-weight:400}
td.wide{min-width:14rem}
.break{overflow-wrap:anywhere;min-width:11rem}
.log .break{min-width:4rem}
td.mono,.word{white-space:nowrap}
.matrix{border-collapse:separate;border-spacing:.25rem;width:auto;margin-left:-.25rem}
.matrix th,.matrix td{border:0;padding:.375rem .75rem}
.matrix thead th:first-child{padding-left:0}
.matrix tbody th{padding-left:0;padding-right:1.25rem;white-space:nowrap}
.matrix td{border-radius:5px;min-width:8.5rem;white-space:nowrap;
 font-variant-numeric:tabular-nums}
.matrix td.held{background:color-mix(in srgb,var(--held) 9%,var(--page))}
.matrix td.violated{background:color-mix(in srgb,var(--violated) 9%,var(--page));font-weight:600;
 box-shadow:inset 0 0 0 1px var(--violated),inset 0 0 0 3px var(--page),
  inset 0 0 0 4px var(--violated)}
.matrix td.inconclusive{outline:1px dashed;outline-offset:-1px}
.matrix td.never{color:var(--muted);outline:1px dashed var(--muted);outline-offset:-1px}
.matrix td.absent{color:var(--muted)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.625rem;font-size:.8125rem;
 color:var(--muted);list-style:none;padding:0}
.log-tools{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:center;margin:.25rem 0 .625rem}
.log-tools input{flex:1 1 16rem;min-width:0}
.log .scroll{max-height:32rem}
.log thead th{position:sticky;top:0;background:var(--card)}
section>.log thead th{background:var(--page)}
tr.is-fault td{color:var(--fault)}
tr.is-violation td,tr.is-invalid td{color:var(--violated);font-weight:600}
tr.is-unknown td{color:var(--inconclusive)}
`;

const FINDINGS = `
.finding{border:1px solid var(--line);border-radius:10px;background:var(--card);
 padding:1.375rem 1.5rem;margin-bottom:1.5rem}
.finding>header{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline}
.finding h3{font-size:1.125rem;line-height:1.35;overflow-wrap:anywhere}
.finding h3 .id{color:var(--violated);margin-right:.5rem}
.finding .where{color:var(--muted);font-size:.875rem;overflow-wrap:anywhere;margin-top:.125rem}
.rates{display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;list-style:none;padding:0;
 font-size:.875rem;margin-top:.25rem}
.message{font-size:1.0625rem;margin:1rem 0 1.25rem;padding-left:.875rem;overflow-wrap:anywhere;
 border-left:5px double var(--violated);white-space:pre-wrap}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));
 gap:1.5rem 2rem;margin-bottom:1.25rem}
.pair>div{min-width:0}
.diff td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 font-size:.8125rem;white-space:pre;padding:.1875rem .875rem .1875rem .25rem;border:0}
.diff thead th{padding:.1875rem .875rem .1875rem .25rem}
.diff .mark{width:1.25rem;font-weight:700}
.diff .added td,.diff .missing td{background:color-mix(in srgb,var(--violated) 8%,var(--card))}
.diff .added td:not(:nth-child(2)){color:var(--violated)}
.diff .missing td:not(:nth-child(3)){color:var(--violated)}
.diff .skipped td{color:var(--muted);font-family:inherit}
.schedule{list-style:none;padding:0;font-size:.875rem}
.schedule li{display:grid;grid-template-columns:4.75rem 1.25rem minmax(0,1fr);
 padding:.1875rem 0;overflow-wrap:anywhere}
.schedule .at{color:var(--muted);font-variant-numeric:tabular-nums}
.schedule .host{color:var(--muted);margin-right:.5rem}
.schedule li.fault .host,.schedule li.violation .host{color:inherit}
.schedule li.violation{color:var(--violated);font-weight:600}
.replay{display:flex;gap:.5rem;align-items:center;border:1px solid var(--line);border-radius:6px;
 background:var(--page);padding:.5rem .5rem .5rem .875rem;margin-bottom:.75rem}
.replay code{flex:1;min-width:0;overflow-wrap:anywhere}
.replay code::before{content:"$ ";color:var(--muted)}
.finding details{border-top:1px solid var(--line);padding-top:.375rem;margin-top:.5rem}
`;

const DIAGRAM = `
.diagram{max-height:46rem;border:1px solid var(--line);border-radius:6px;background:var(--page)}
.diagram svg{display:block;font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.diagram text{fill:var(--text)}
.diagram .time{fill:var(--muted);font-variant-numeric:tabular-nums;font-size:10px}
.diagram .host{font-size:13px;font-weight:600}
.life{stroke-width:2;stroke:currentColor}.life.down{stroke-dasharray:1 6;stroke-linecap:round}
${[1, 2, 3, 4, 5, 6]
  .map((lane) => `.lane-${lane}{color:var(--lane-${lane})}.lane-${lane} .host{fill:currentColor}`)
  .join('\n')}
.message{stroke-linecap:round}
line.message{stroke:var(--muted);stroke-width:1.25;padding:0;border:0}
line.message.barrier{stroke:var(--barrier);stroke-width:2}
line.message.lost{stroke:var(--fault);stroke-width:1.75}
.head{fill:var(--muted)}.head.barrier{fill:var(--barrier)}
.cross{fill:none;stroke-width:2.5;stroke-linecap:round;stroke:var(--fault)}
.cross.violation{stroke:var(--violated)}
.mark circle{fill:var(--text);stroke:var(--page);stroke-width:1.5}
.mark.local circle{fill:var(--page);stroke:var(--muted)}
.mark.restart circle{fill:var(--held)}
.mark.fault circle{fill:var(--fault)}
.mark .diamond{fill:var(--page);stroke:var(--text);stroke-width:1.5}
.mark.checkpoint .diamond{fill:var(--barrier);stroke:var(--page)}
.mark.barrier circle{fill:var(--barrier)}
.label{paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
.mark.send .label,.mark.local .label{fill:var(--muted)}
.mark.barrier .label{fill:var(--barrier)}
.mark.crash .label,.mark.fault .label{fill:var(--fault);font-weight:600}
.mark.violation .label{fill:var(--violated);font-weight:600;stroke:var(--band)}
.diagram{--band:color-mix(in srgb,var(--violated) 12%,var(--page))}
.band{fill:var(--band)}
`;

const NARROW_AND_PRINT = `
@media (max-width:78rem){.tiles{grid-template-columns:repeat(3,minmax(0,1fr))}}
@media (max-width:60rem){
 .frame{grid-template-columns:minmax(0,1fr);padding:0 1.25rem 3rem}
 .top>div{padding:1.125rem 1.25rem}
 nav{position:static;padding:1rem 0 0;max-height:none}
 nav ul{display:flex;flex-wrap:wrap;gap:0 1.125rem}
 nav a{gap:.3125rem}
}
@media (max-width:36rem){
 .top>div{flex-wrap:wrap;gap:.75rem 1rem;padding:1rem}
 .seal{width:2.5rem;height:2.5rem;font-size:1.25rem}
 .top .words{flex:1 1 100%;order:3}
 .frame{padding:0 1rem 3rem}
 .finding{padding:1rem;margin-left:-.5rem;margin-right:-.5rem}
 .facts{grid-template-columns:minmax(0,1fr);gap:0}
 .facts dd{margin-bottom:.5rem}
 .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
 .tile{padding:.625rem .75rem}.tile dd{font-size:1.25rem}
 .schedule li{grid-template-columns:4.25rem 1.125rem minmax(0,1fr)}
}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{
 nav,.tools,.log-tools,.skip,.replay button{display:none}
 .frame{display:block;padding:0}.top>div{padding:0 0 1rem}
 .scroll,.log .scroll,.diagram{overflow:visible;max-height:none}
 .finding{break-before:page;border:0;padding:0}
 .diagram svg{max-width:100%;height:auto}
 details::details-content{content-visibility:visible;display:block}
}
`;
