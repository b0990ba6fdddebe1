import { crc32 } from 'node:zlib';

/** One picture of an animation, and how long it is shown. */
export interface Frame {
	/** A PNG that is not animated itself. */
	png: Buffer;
	seconds: number;
}

interface Chunk {
	type: string;
	data: Buffer;
}

const SIGNATURE_LENGTH = 8;

/** Length, type and checksum around the data of a chunk. Bytes. */
const AROUND_DATA = 12;

/**
 * An animated PNG that repeats for ever; who cannot show one shows its first picture.
 * @throws Error when the pictures differ in size or in the form of their pixels
 * @see https://www.w3.org/TR/png-3/#apng-frame-based-animation
 */
export function animatedPng(frames: readonly Frame[]): Buffer {
	const [first] = frames;
	if (first === undefined) throw new Error('An animation needs pictures.');
	const header = chunksOf(first.png)[0]!.data;
	let sequence = 0;
	const number = () => uint32(sequence++);
	const pictures = frames.flatMap(({ png, seconds }, index) => {
		const chunks = chunksOf(png);
		if (!chunks[0]!.data.equals(header)) throw new Error(`Picture ${index + 1} has another size or form.`);
		const control = Buffer.concat([number(), header.subarray(0, 8), uint32(0), uint32(0), delay(seconds)]);
		const data = chunks.filter(({ type }) => type === 'IDAT');
		return [
			chunk('fcTL', control),
			...data.map((one) =>
				index === 0 ? chunk('IDAT', one.data) : chunk('fdAT', Buffer.concat([number(), one.data])),
			),
		];
	});
	return Buffer.concat([
		first.png.subarray(0, SIGNATURE_LENGTH),
		chunk('IHDR', header),
		chunk('acTL', Buffer.concat([uint32(frames.length), uint32(0)])),
		...pictures,
		chunk('IEND', Buffer.alloc(0)),
	]);
}

/** The chunks of a PNG, in their order. */
export function chunksOf(png: Buffer): Chunk[] {
	const chunks: Chunk[] = [];
	for (let at = SIGNATURE_LENGTH; at < png.length; ) {
		const length = png.readUInt32BE(at);
		const type = png.toString('latin1', at + 4, at + 8);
		chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
		at += length + AROUND_DATA;
	}
	return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

/** How long a picture is shown, in hundredths of a second; then it is replaced as a whole. */
function delay(seconds: number): Buffer {
	const bytes = Buffer.alloc(6);
	bytes.writeUInt16BE(Math.round(100 * seconds), 0);
	bytes.writeUInt16BE(100, 2);
	return bytes;
}

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value >>> 0);
	return bytes;
}
