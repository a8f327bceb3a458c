/** By what a dataset's URL is known again. Pure. */

/** Parameters that differ each time a URL is signed: of AWS, Google Cloud, CloudFront and Azure. */
const SIGNATURE_NAMES =
  /^(?:x-amz-.*|x-goog-.*|signature|expires|policy|key-pair-id|awsaccesskeyid|googleaccessid|s[eghiprtv]|sig|sk.*|spr|sdd)$/i;

/** A URL without user, password, signature and fragment; other parameters stay, in their order. */
export function identityOf(url: string): string {
  const [, scheme = '', rest = url] = /^(\w+:\/\/)(?:[^/@]*@)?(.*)$/s.exec(url) ?? [];
  const [path = '', query = ''] = rest.replace(/#.*$/s, '').split(/\?(.*)/s);
  const kept = query.split('&').filter((pair) => {
    const [name = ''] = pair.split('=', 1);
    return name !== '' && !SIGNATURE_NAMES.test(name);
  });
  return `${scheme}${path}${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
}
