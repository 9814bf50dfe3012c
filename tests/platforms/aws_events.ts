/**
 * Events as AWS documents them, member by member: payload format 2.0 of Function URLs and HTTP APIs
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html), and Lambda@Edge's requests
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html).
 */

export const FUNCTION_URL = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/my/path",
  rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
  cookies: ["cookie1", "cookie2"],
  headers: { header1: "value1", header2: "value1,value2" },
  queryStringParameters: { parameter1: "value1,value2", parameter2: "value" },
  requestContext: {
    accountId: "123456789012",
    apiId: "<urlid>",
    authentication: null,
    authorizer: {
      iam: {
        accessKey: "AKIA...",
        accountId: "111122223333",
        callerId: "AIDA...",
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: "arn:aws:iam::111122223333:user/example-user",
        userId: "AIDA...",
      },
    },
    domainName: "<url-id>.lambda-url.us-west-2.on.aws",
    domainPrefix: "<url-id>",
    http: {
      method: "POST",
      path: "/my/path",
      protocol: "HTTP/1.1",
      sourceIp: "123.123.123.123",
      userAgent: "agent",
    },
    requestId: "id",
    routeKey: "$default",
    stage: "$default",
    time: "12/Mar/2020:19:03:58 +0000",
    timeEpoch: 1_583_348_638_390,
  },
  body: "Hello from client!",
  pathParameters: null,
  isBase64Encoded: false,
  stageVariables: null,
};

export const VIEWER_REQUEST = {
  Records: [{
    cf: {
      config: {
        distributionDomainName: "d111111abcdef8.cloudfront.net",
        distributionId: "EDFDVBD6EXAMPLE",
        eventType: "viewer-request",
        requestId: "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
      },
      request: {
        clientIp: "203.0.113.178",
        headers: {
          "host": [{ key: "Host", value: "d111111abcdef8.cloudfront.net" }],
          "user-agent": [{ key: "User-Agent", value: "curl/7.66.0" }],
          "accept": [{ key: "accept", value: "*/*" }],
        },
        method: "GET",
        querystring: "",
        uri: "/",
      },
    },
  }],
} as const;

export const ORIGIN_REQUEST = {
  Records: [{
    cf: {
      config: {
        distributionDomainName: "d111111abcdef8.cloudfront.net",
        distributionId: "EDFDVBD6EXAMPLE",
        eventType: "origin-request",
        requestId: "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
      },
      request: {
        clientIp: "203.0.113.178",
        headers: {
          "x-forwarded-for": [{ key: "X-Forwarded-For", value: "203.0.113.178" }],
          "user-agent": [{ key: "User-Agent", value: "Amazon CloudFront" }],
          "via": [{
            key: "Via",
            value: "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)",
          }],
          "host": [{ key: "Host", value: "example.org" }],
          "cache-control": [{ key: "Cache-Control", value: "no-cache" }],
        },
        method: "GET",
        origin: {
          custom: {
            customHeaders: {},
            domainName: "example.org",
            keepaliveTimeout: 5,
            path: "",
            port: 443,
            protocol: "https",
            readTimeout: 30,
            sslProtocols: ["TLSv1", "TLSv1.1", "TLSv1.2"],
          },
        },
        querystring: "",
        uri: "/",
      },
    },
  }],
} as const;
