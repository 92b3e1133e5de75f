const items = JSON.stringify(Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, é: true })));
/** As nobody would serialise it. */
export const UNUSUAL = items.replaceAll(",", " ,\n").replace('"id":1 ', '"id": 9007199254740993 ');
