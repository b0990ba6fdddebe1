import type { IDataObject } from 'n8n-workflow';

import type { AnswerData } from '../service/answer';

/** The named members of an answer that are there. Answers are read field by field, never taken over whole. */
export function pick(data: AnswerData, names: readonly string[]): IDataObject {
	const found = names.filter((name) => Object.hasOwn(data, name));
	return Object.fromEntries(found.map((name) => [name, data[name] as IDataObject[string]]));
}
