import type { Message } from '../../alerting/message.ts';
import { type Report, reportOf } from './report.ts';

/** The report that names as many alerts as fit. It counts the others, so that none is lost. */
export function fittedReport(message: Message, fits: (report: Report) => boolean): Report {
  for (let itemsMax = message.told.length; itemsMax > 1; itemsMax -= 1) {
    const report = reportOf(message, itemsMax);
    if (fits(report)) return report;
  }
  return reportOf(message, 1);
}
