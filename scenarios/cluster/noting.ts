// An object as it is, with some of its methods noted on their way: everything else goes straight to
// it, methods that it will have one day included.

export function noting<T extends object>(inner: T, noted: Partial<T>): T {
  return new Proxy(inner, {
    get(target, name): unknown {
      const own: unknown = Reflect.get(noted, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
