import type { Message } from './message';
import { counted } from './words';

/** A time as `timeText` writes it, and the request that it is about. */
interface Moment {
	time: string;
	requestId: string | undefined;
	devices: number;
}

function byRequest({ requestId }: Moment): Message {
	return requestId === undefined ? ['', ''] : [` (RequestId ${requestId})`, `（RequestId ${requestId}）`];
}

function devicesOf({ devices }: Moment): Message {
	return [counted(devices, 'device'), `${devices} 台设备`];
}

/**
 * What is said of a customer. Nothing says what Tencent has: it may have been changed there, and whether a push replaces or adds is not
 * documented.
 */
export const KNOWN = {
	accepted: (accepted: Moment): Message => [
		`Tencent accepted ${devicesOf(accepted)[0]} on ${accepted.time}${byRequest(accepted)[0]}`,
		`腾讯云于 ${accepted.time} 接受了 ${devicesOf(accepted)[1]}${byRequest(accepted)[1]}`,
	],
	/** @param sets how many it may be: the accepted one and those that are unclear */
	unclearSince: (unclear: Moment, sets: number): Message => [
		`Since then it is unclear: the request of ${unclear.time}${byRequest(unclear)[0]} with ${devicesOf(unclear)[0]} may or may not have been applied. Tencent has one of ${sets} sets`,
		`此后结果不明：${unclear.time} 的请求${byRequest(unclear)[1]}（${devicesOf(unclear)[1]}）可能已应用，也可能没有。腾讯云上是 ${sets} 组设备之一`,
	],
	unclear: (unclear: Moment): Message => [
		`The request of ${unclear.time}${byRequest(unclear)[0]} with ${devicesOf(unclear)[0]} may or may not have been applied. None before it was accepted`,
		`${unclear.time} 的请求${byRequest(unclear)[1]}（${devicesOf(unclear)[1]}）可能已应用，也可能没有。此前没有被接受的请求`,
	],
	neverSent: (): Message => [
		'No request for this customer was ever accepted, and none may have been applied',
		'该客户从未有请求被接受，也没有可能已应用的请求',
	],
	beforeLog: (since: string): Message => [
		`The log has no accepted request for this customer. It begins on ${since}: what was accepted before is not known`,
		`日志中没有该客户被接受的请求。日志始于 ${since}：此前接受了什么不得而知`,
	],
	gone: (since: string, sync: string): Message => [
		`No longer in the rows of ${sync} since ${since}. Tencent keeps the devices`,
		`${since} 起不在 ${sync} 的数据中。其设备在腾讯侧仍然保留`,
	],
	stillIn: (since: string, sync: string): Message => [
		`${sync} still had the customer when it last pushed it, on ${since}`,
		`${sync} 在 ${since} 最后一次推送时仍有该客户`,
	],
	missing: (count: number): Message => [
		`${counted(count, 'receipt')} could not be written since then: one of them may be of this customer`,
		`此后有 ${count} 条回执未能写入，其中可能有该客户的`,
	],
	lastFailure: (time: string, why: string): Message => [
		`The rows of ${time} were not accepted: ${why}`,
		`${time} 的数据未被接受：${why}`,
	],
	/** @param times when that was met first and last */
	lastFailures: (times: { first: string; last: string }, why: string): Message => [
		`From ${times.first} to ${times.last} the rows were not accepted: ${why}`,
		`${times.first} 至 ${times.last} 的数据均未被接受：${why}`,
	],
	otherSpellings: (ids: readonly string[]): Message => [
		`The log has ${ids.map((id) => `'${id}'`).join(', ')}: letters in another case`,
		`日志中有 ${ids.join('、')}：大小写不同`,
	],
	/** What a node before failed with, such as a Push. */
	stepBefore: (text: string): Message => [`The step before: ${text}`, `上一步：${text}`],
	isCut: (shown: number): Message => [`Only the newest ${shown} are shown`, `只显示最新的 ${shown} 条`],
	noReceipts: (): Message => ['The log has no receipt for this question', '日志中没有符合条件的回执'],
};

/** What became of a customer in a run, by the outcome of its receipt. */
export const OUTCOMES: Readonly<Record<'OK' | 'REFUSED' | 'UNKNOWN' | 'NOT_SENT' | 'GONE', Message>> = {
	OK: ['accepted', '已接受'],
	REFUSED: ['refused, nothing was changed', '被拒绝，没有任何更改'],
	UNKNOWN: ['unclear, may have been applied', '结果不明，可能已应用'],
	NOT_SENT: ['not sent', '未发送'],
	GONE: ['no longer in the rows', '不在数据中'],
};
