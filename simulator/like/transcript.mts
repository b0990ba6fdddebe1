import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OptionError } from '../options.mts';
import { deviceOwnerships } from '../serviceState.mts';

const exchange = z.object({
	request: z.record(z.unknown()),
	scheme: z.string(),
	/** What the probe tested with it. */
	purpose: z.string().optional(),
	response: z
		.object({
			status: z.number().int().min(100).max(599),
			contentType: z.string(),
			clockOffsetSeconds: z.number().optional(),
			body: z.unknown(),
		})
		.optional(),
	error: z.string().optional(),
});

/** What pushes of test devices showed; unknown members are left out. */
const pushes = z.object({
	furtherPush: z.enum(['replaces', 'adds']).optional(),
	deviceOfAnother: z.enum(deviceOwnerships).optional(),
});

const transcript = z.object({
	format: z.literal('n8n-nodes-tencent-iot transcript 1'),
	exchanges: z.array(exchange).min(1).max(100),
	pushes: pushes.optional(),
});

/** What a probe sent and received, as its report contains it. */
export type Transcript = z.infer<typeof transcript>;
export type Exchange = z.infer<typeof exchange>;
export type PushFindings = z.infer<typeof pushes>;

/** The report of `npm start -- --probe` ends with its transcript. */
const IN_REPORT = /^```json\n([^]*?)\n```$/m;

/**
 * Reads a transcript, or a report that contains one.
 *
 * @throws OptionError when the file cannot be read or is not a transcript
 */
export function readTranscript(path: string): Transcript {
	const parsed = parse(path);
	// An output item of the node contains the transcript as text.
	const item = z.object({ Transcript: z.string() }).safeParse(Array.isArray(parsed) ? parsed[0] : parsed);
	const read = transcript.safeParse(item.success ? parseJson(item.data.Transcript, path) : parsed);
	if (read.success) {
		return read.data;
	}
	throw new OptionError(`--like "${path}" is not a transcript of npm start -- --probe.`);
}

function parse(path: string): unknown {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		throw new OptionError(`--like "${path}" cannot be read: ${(error as Error).message}.`);
	}
	return parseJson(IN_REPORT.exec(text)?.[1] ?? text, path);
}

function parseJson(text: string, path: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new OptionError(`--like "${path}" is not JSON.`);
	}
}
