/** One picture of an animation, and how long it is shown. */
export interface Frame {
	/** A WebP that is not animated itself, e.g. as a canvas of Chromium gives it. */
	readonly webp: Buffer;
	readonly seconds: number;
}

interface Chunk {
	/** Four characters, e.g. `VP8 `. */
	readonly type: string;
	readonly data: Buffer;
}

/** A file begins with `RIFF`, its length and `WEBP`. Bytes. */
const HEADER_LENGTH = 12;

/** The chunks that are the pixels of a picture. */
const PIXELS = /^(?:ALPH|VP8 |VP8L)$/;

/** In VP8X: the file is animated. */
const ANIMATED = 0x02;

/** In ANMF: the picture replaces the one before instead of being drawn over it. */
const REPLACES = 0x02;

/**
 * An animated WebP that repeats forever.
 *
 * @param size of all pictures, in pixels
 * @throws Error when there is no picture, or one without pixels
 * @see https://developers.google.com/speed/webp/docs/riff_container#animation
 */
export function animatedWebp(
	frames: readonly Frame[],
	size: { readonly width: number; readonly height: number },
): Buffer {
	if (frames.length === 0) {
		throw new Error('An animation needs pictures.');
	}
	const dimensions = Buffer.concat([uint24(size.width - 1), uint24(size.height - 1)]);
	const pictures = frames.map(({ webp, seconds }, index) => {
		const pixels = chunksOf(webp).filter(({ type }) => PIXELS.test(type));
		if (pixels.length === 0) {
			throw new Error(`Picture ${index + 1} has no pixels.`);
		}
		const origin = uint24(0);
		const duration = uint24(Math.round(1000 * seconds));
		const head = Buffer.concat([origin, origin, dimensions, duration, Buffer.from([REPLACES])]);
		return chunk('ANMF', Buffer.concat([head, ...pixels.map(({ type, data }) => chunk(type, data))]));
	});
	const features = chunk('VP8X', Buffer.concat([Buffer.from([ANIMATED, 0, 0, 0]), dimensions]));
	// A white background, and no limit on how often it repeats.
	const animation = chunk('ANIM', Buffer.from([255, 255, 255, 255, 0, 0]));
	const content = Buffer.concat([Buffer.from('WEBP', 'latin1'), features, animation, ...pictures]);
	return Buffer.concat([Buffer.from('RIFF', 'latin1'), uint32(content.length), content]);
}

/** The chunks of a WebP, in order. */
export function chunksOf(webp: Buffer): Chunk[] {
	const chunks: Chunk[] = [];
	let at = HEADER_LENGTH;
	while (at + 8 <= webp.length) {
		const type = webp.toString('latin1', at, at + 4);
		const length = webp.readUInt32LE(at + 4);
		chunks.push({ type, data: webp.subarray(at + 8, at + 8 + length) });
		// A chunk of odd length is padded with one byte.
		at += 8 + length + (length % 2);
	}
	return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
	const fill = Buffer.alloc(data.length % 2);
	return Buffer.concat([Buffer.from(type, 'latin1'), uint32(data.length), data, fill]);
}

function uint24(value: number): Buffer {
	const bytes = Buffer.alloc(3);
	bytes.writeUIntLE(value, 0, 3);
	return bytes;
}

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value, 0);
	return bytes;
}
