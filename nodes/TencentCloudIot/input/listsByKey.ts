/** Adds an entry to the list of its key. The first entry of a key creates the list. */
export function addToList<Key, Entry>(listsByKey: Map<Key, Entry[]>, key: Key, entry: Entry): void {
	const list = listsByKey.get(key);
	if (list === undefined) {
		listsByKey.set(key, [entry]);
	} else {
		list.push(entry);
	}
}
