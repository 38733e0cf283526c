import type { ReceivedNews } from './alert-tables.ts';

/** What the body of a webhook says: see docs/schemas/alert.schema.json. */
export function readNews(body: string): Pick<ReceivedNews, 'alertId' | 'news'> {
  const { type, data } = JSON.parse(body) as { type: string; data: { alert_id: string } };
  return { alertId: data.alert_id, news: type.replace('alert.', '') as ReceivedNews['news'] };
}
